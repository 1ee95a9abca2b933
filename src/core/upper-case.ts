/**
 * As `toUpperCase`, for texts that mostly have no small letters, such as codes: that needs no call out of the program,
 * which costs more than a look at a few characters.
 */
export function upperCase(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7e || (unit >= 0x61 && unit <= 0x7a)) return text.toUpperCase();
  }
  return text;
}
