/** The threat model (docs/reference/threat-model.json): what is wrong with it, and its page. */

/** STRIDE. */
export const categories = {
  S: 'Spoofing',
  T: 'Tampering',
  R: 'Repudiation',
  I: 'Information disclosure',
  D: 'Denial of service',
  E: 'Elevation of privilege',
};

/**
 * What is missing in a model: categories that a flow does not consider, mitigations that no test shows, tests that do not
 * exist or are skipped, and functions that are in no flow.
 *
 * @param functions names of all Azure Functions
 * @param textOf gives the text of a file, or undefined
 * @returns a line for each fault
 */
export function threatModelFaults({ flows }, functions, textOf) {
  const covered = new Set(flows.flatMap((flow) => flow.functions));
  const known = new Set(functions);
  return [
    ...[...known].filter((name) => !covered.has(name)).map((name) => `the function ${name} is in no flow`),
    ...[...covered].filter((name) => !known.has(name)).map((name) => `there is no function ${name}`),
    ...flows.flatMap((flow) => faultsOfFlow(flow, textOf).map((fault) => `${flow.id}: ${fault}`)),
  ];
}

function faultsOfFlow({ threats, none = {} }, textOf) {
  const considered = [...new Set(threats.map(({ category }) => category)), ...Object.keys(none)];
  return [
    ...Object.keys(categories)
      .filter((category) => considered.filter((each) => each === category).length !== 1)
      .map(
        (category) =>
          `${categories[category]} is to be considered, by threats or by a reason why there are none`,
      ),
    ...threats.flatMap(({ threat, mitigation, tests }) => [
      ...(mitigation.trim() === '' ? [`"${threat}" has no mitigation`] : []),
      ...(tests.length === 0 ? [`no test shows the mitigation of "${threat}"`] : []),
      ...tests.flatMap((each) => faultOfTest(each, textOf) ?? []),
    ]),
  ];
}

function faultOfTest({ file, title }, textOf) {
  const text = textOf(file);
  if (text === undefined) return `there is no file ${file}`;
  const quoted = [`'${title.replaceAll("'", "\\'")}'`, `"${title}"`, `\`${title}\``];
  const found = quoted.map((each) => text.indexOf(`(${each}`)).filter((index) => index >= 0);
  const split = quoted
    .map((each) => text.search(new RegExp(`\\(\\s+${escape(each)},`)))
    .filter((index) => index >= 0);
  const [start] = [...found, ...split];
  if (start === undefined) return `${file} has no test "${title}"`;
  const line = text.slice(text.lastIndexOf('\n', start) + 1, start);
  return /\.(skip|todo)\b/.test(line) ? `${file} skips "${title}"` : undefined;
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** docs/reference/threat-model.md. */
export function threatModelPage({ flows }) {
  const cell = (text) => text.replaceAll('|', '\\|');
  const link = ({ file, title }) => `[${cell(title)}](../../${file})`;
  const section = (flow) => `
## ${flow.title}

${flow.from} → ${flow.to}. Boundary: ${flow.boundary}.

| | Threat | Mitigation | Shown by |
| --- | --- | --- | --- |
${flow.threats
  .map(
    ({ category, threat, mitigation, tests }) =>
      `| ${categories[category]} | ${cell(threat)} | ${cell(mitigation)} | ${tests.map(link).join('<br>')} |`,
  )
  .join('\n')}
${Object.entries(flow.none ?? {})
  .map(([category, reason]) => `| ${categories[category]} | None: ${cell(reason)} | – | – |`)
  .join('\n')}
${flow.residual === undefined ? '' : `\n**What remains**: ${flow.residual}\n`}`;
  const threats = flows.flatMap((flow) => flow.threats);
  const count = (flow, category) =>
    flow.threats.filter((threat) => threat.category === category).length || (flow.none?.[category] ? '–' : 0);
  return `# Threat model

Written by \`npm run docs\` from [threat-model.json](threat-model.json). For security and information governance reviewers: each flow of data over a boundary, what could go wrong with it by STRIDE, what is done about it, and the test that shows it. A build fails when a mitigation names no test, when a named test does not exist or is skipped, when a flow leaves out a category, or when a function of the exchange is in no flow ([test/architecture/threat-model.test.ts](../../test/architecture/threat-model.test.ts)).

${flows.length} flows, ${threats.length} threats. What is trusted: the platform of Azure and its identities, the token issuers that are configured, and the people of the trust who approve the access policy. What is not: everything that comes over the network, also from a sender with a good token.

| Flow | ${Object.values(categories).join(' | ')} |
| --- | ${Object.values(categories)
    .map(() => '---')
    .join(' | ')} |
${flows
  .map(
    (flow) =>
      `| ${flow.title} | ${Object.keys(categories)
        .map((each) => count(flow, each))
        .join(' | ')} |`,
  )
  .join('\n')}
${flows.map(section).join('')}`.replaceAll('\n\n\n', '\n\n');
}
