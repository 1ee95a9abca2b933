/** Where the next page begins; absent at the end. */
export interface Continued {
  readonly continuation?: string;
}

/** All pages of what is read page by page, each asked for when the one before was used. */
export async function* pagesOf<P extends Continued>(
  read: (from: Continued) => Promise<P>,
): AsyncGenerator<P> {
  let from: Continued = {};
  for (;;) {
    const page = await read(from);
    yield page;
    if (page.continuation === undefined) return;
    from = { continuation: page.continuation };
  }
}
