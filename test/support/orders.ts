/** Small scopes: all orders and all choices of a few things. */

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((others) => [item, ...others]),
  );
}

/** Every choice of some of the items, none and all among them, each in their order. */
export const subsets = <T>(items: readonly T[]): T[][] =>
  items.reduce<T[][]>((chosen, item) => [...chosen, ...chosen.map((each) => [...each, item])], [[]]);
