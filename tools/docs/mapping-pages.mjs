/** Pages of docs/reference that describe what the built-in packs do with HL7 v2, rule by rule. */

const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text) => (text === undefined || text === '' ? '' : `\`${text}\``);
const table = (columns, rows) =>
  [columns, columns.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** Maps by the segment they read, in the order of the alphabet. */
function bySegment(maps) {
  const segments = new Map();
  for (const map of maps) segments.set(map.segment, [...(segments.get(map.segment) ?? []), map]);
  return [...segments].sort(([a], [b]) => a.localeCompare(b));
}

function describeMap(map) {
  const modes = Object.entries(map.modeByMessage ?? {}).map(([type, mode]) => `${mode} in ${type}`);
  const lines = [
    `### ${map.segment} as ${map.resource} (\`${map.id}\`)`,
    `Identity \`${map.identity}\`; mode ${[map.mode, ...modes].join(', ')}.` +
      (map.when === undefined ? '' : ` Only when \`${map.when}\`.`) +
      (map.each === undefined ? '' : ` One record for each repetition of \`${map.each}\`.`),
    table(
      ['Rule', 'From', 'To', 'Using', 'When'],
      map.rules.map(({ id, from, to, using, when }) => [id, code(from), code(to), code(using), code(when)]),
    ),
  ];
  return lines.join('\n\n');
}

/** Every rule and every ignored field of a pack. */
export function mappingPage(pack) {
  return [
    `# What ${pack.name} ${pack.version} maps`,
    'Written by `npm run docs` from the pack itself. A rule whose element is filled already states nothing; rows that append (`[+]`) all hold. Fields that no row names are listed as `unmapped` in the ledger of each message.',
    ...bySegment(pack.maps).flatMap(([segment, maps]) => [`## ${segment}`, ...maps.map(describeMap)]),
    '## Ignored by rule',
    table(
      ['Row', 'Fields', 'When', 'Because'],
      pack.ignored.map(({ id, from, when, because }) => [id, from, code(when), because]),
    ),
    '',
  ].join('\n\n');
}

const IDENTITY = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const (\w+): Identity/g;

const flat = (comment) =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('@'))
    .join(' ');

/**
 * How each type of record gets its id.
 *
 * @param sources texts of the files that define identities; the comment before each says its rule
 */
export function recordIdsPage(pack, sources) {
  const rules = new Map(
    sources.flatMap((source) =>
      [...source.matchAll(IDENTITY)].map(([, comment, name]) => [name, flat(comment)]),
    ),
  );
  const undescribed = pack.maps.map(({ identity }) => identity).filter((name) => !rules.has(name));
  if (undescribed.length > 0)
    throw new Error(`identities without a comment: ${[...new Set(undescribed)].join(', ')}`);
  const rows = pack.maps.map(({ resource, segment, identity }) => [
    resource,
    segment,
    code(identity),
    rules.get(identity),
  ]);
  const unique = [...new Map(rows.map((row) => [row.join('|'), row])).values()];
  return [
    '# Ids of records',
    'Written by `npm run docs`. The id of a record about a person is `<patient key>.<hash>`; the hash is made of the resource type, the feed and the identity below (ADR 0003), so that the same message, a repetition and a correction all meet the same record, on any machine. Organisations, practitioners and places that a message mentions are known by identifier system and value, or by name within the feed.',
    table(
      ['Record', 'Segment', 'Identity', 'What it is made of'],
      unique.sort(([a], [b]) => a.localeCompare(b)),
    ),
    '',
  ].join('\n\n');
}
