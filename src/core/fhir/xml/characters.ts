/** What XML 1.0 has no way to write (section 2.2): control characters, and halves of characters. */
export const forbiddenInXml = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
