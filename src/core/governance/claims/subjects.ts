/** Kinds of issuers whose subjects bear their kind: a subject of one kind is never that of another. */
export const subjectKinds = ['smart', 'nhs-login', 'cis2'] as const;

export const subjectOf = (kind: (typeof subjectKinds)[number], name: string): string => `${kind}:${name}`;
