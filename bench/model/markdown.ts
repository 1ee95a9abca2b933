/** Tables of Markdown pages that a model writes. */

/** Replaces the first table after a heading. The first row holds the names of the columns. */
export function replaceTable(page: string, heading: string, rows: readonly (readonly string[])[]): string {
  const after = page.indexOf(`${heading}\n`);
  const start = page.indexOf('\n| ', after) + 1;
  if (after < 0 || start === 0) throw new Error(`the page has no table after ${heading}`);
  const blank = page.indexOf('\n\n', start);
  const end = blank < 0 ? page.length - 1 : blank;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [head = [], ...body] = rows;
  const table = [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
  return `${page.slice(0, start)}${table}${page.slice(end)}`;
}
