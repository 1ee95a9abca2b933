type Part =
  { readonly kind: 'any' } | { readonly kind: 'one' } | { readonly kind: 'text'; readonly text: string };

/**
 * Compiles a SQL LIKE pattern: `%` any run, `_` any one character, after the escape character a literal.
 * Matching takes time proportional to text times pattern, whatever the pattern.
 */
export function compileLike(pattern: string, escape?: string): (text: string) => boolean {
  const parts = partsOf(pattern, escape);
  return (text) => matches(parts, Array.from(text));
}

function partsOf(pattern: string, escape: string | undefined): Part[] {
  const parts: Part[] = [];
  const characters = Array.from(pattern);
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (character === escape && index + 1 < characters.length) {
      parts.push({ kind: 'text', text: characters[++index] ?? '' });
    } else if (character === '%') parts.push({ kind: 'any' });
    else if (character === '_') parts.push({ kind: 'one' });
    else parts.push({ kind: 'text', text: character });
  }
  return parts;
}

/** Greedy match that on failure returns only to the last `%`: earlier ones need never be tried again. */
function matches(parts: readonly Part[], text: readonly string[]): boolean {
  let at = 0;
  let part = 0;
  let lastAny = -1;
  let resumeAt = 0;
  while (at < text.length) {
    const current = parts[part];
    if (current?.kind === 'any') {
      lastAny = part++;
      resumeAt = at;
    } else if (current !== undefined && (current.kind === 'one' || current.text === text[at])) {
      part++;
      at++;
    } else if (lastAny >= 0) {
      part = lastAny + 1;
      at = ++resumeAt;
    } else return false;
  }
  while (parts[part]?.kind === 'any') part++;
  return part === parts.length;
}
