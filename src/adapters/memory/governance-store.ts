import { compareText } from '../../core/compare-text.js';
import {
  nothingKept,
  withAnswer,
  withProxy,
  withRelationship,
  type KeptFacts,
  type KeptGlass,
} from '../../core/governance/kept-facts.js';
import { placeOfGlass, type GlassSearch, type GovernanceStore } from '../../ports/governance-store.js';

/** What governs records, in memory, with the semantics of the real store: for unit tests. */
export function createMemoryGovernanceStore(): GovernanceStore {
  const facts = new Map<string, KeptFacts>();
  let glass: readonly KeptGlass[] = [];
  const factsOf = (patient: string) => facts.get(patient) ?? nothingKept;
  const change = (patient: string, next: (facts: KeptFacts) => KeptFacts) => {
    facts.set(patient, next(factsOf(patient)));
    return Promise.resolve();
  };
  return {
    factsOf: (patients) => Promise.resolve(patients.map(factsOf)),
    saveOptOut: (patient, answer) => change(patient, (kept) => withAnswer(kept, answer)),
    saveRelationship: (patient, said) => change(patient, (kept) => withRelationship(kept, said)),
    saveProxy: (patient, said) => change(patient, (kept) => withProxy(kept, said)),
    glassOf: (subject, patient, organisation) =>
      Promise.resolve(sought(glass, { subject, patient, organisation })[0]),
    findGlass: (patient, id) =>
      Promise.resolve(glass.find((each) => each.patient === patient && each.id === id)),
    saveGlass(broken) {
      glass = [...glass, broken];
      return Promise.resolve();
    },
    searchGlass(search, { limit, continuation }) {
      const found = sought(glass, search).filter(
        (each) => continuation === undefined || placeOfGlass(each) < continuation,
      );
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const isMore = found.length > limit && last !== undefined;
      return Promise.resolve({ glass: page, ...(isMore ? { continuation: placeOfGlass(last) } : {}) });
    },
    reviewGlass(patient, id, review) {
      glass = glass.map((each) =>
        each.patient === patient && each.id === id && each.review === undefined ? { ...each, review } : each,
      );
      return Promise.resolve(glass.find((each) => each.patient === patient && each.id === id));
    },
  };
}

const sought = (glass: readonly KeptGlass[], search: GlassSearch): readonly KeptGlass[] =>
  glass
    .filter((each) => isSought(each, search))
    .sort((a, b) => compareText(placeOfGlass(b), placeOfGlass(a)));

function isSought(glass: KeptGlass, { patient, subject, organisation, ...search }: GlassSearch): boolean {
  const { from = -Infinity, to = Infinity, isReviewed } = search;
  return (
    (patient === undefined || glass.patient === patient) &&
    (subject === undefined || glass.subject === subject) &&
    (organisation === undefined || glass.organisation === organisation) &&
    glass.openedAt >= from &&
    glass.openedAt < to &&
    (isReviewed === undefined || (glass.review !== undefined) === isReviewed)
  );
}
