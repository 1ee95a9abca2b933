/** How the commands are called: the one place that says so. */

const usages: Readonly<Record<string, readonly string[]>> = {
  convert: ['hde convert [--format hl7v2] [--feed F] [--pack FILE]... [--lineage] FILE|-'],
  explain: ['hde explain [--feed F] [--pack FILE]... FILE|- ELEMENT|FIELD'],
  coverage: ['hde coverage [--feed F] [--pack FILE]... [--all] [--json] FOLDER'],
  pack: [
    'hde pack check FILE...',
    'hde pack diff [--feed F] [--values] [--json] A B FOLDER',
    'hde pack schema',
  ],
  triage: [
    'hde triage list [FILTER]... [--limit N] [--continuation C] [--json]',
    'hde triage show [--raw] [--json] ID',
    'hde triage resubmit [--reason R] [--json] ID...',
    'hde triage resubmit --matching FILTER... [--reason R] [--json]',
    'hde triage resubmit --all [--status failed|dismissed] [--reason R] [--json]',
    'hde triage correct --reason R [--json] ID FILE|-',
    'hde triage dismiss --reason R [--json] ID...',
  ],
  replay: [
    'hde replay preview [SELECTION]... [--status S]... [--pack P] [--limit N] [--pause MS] [--continuation C] [--json]',
    'hde replay run SELECTION...|--all [--status S]... [--pack P] [--limit N] [--pause MS] [--run-id R] [--continuation C] [--json]',
  ],
  ledger: ['hde ledger --feed ID --from TIME --to TIME [--take-in] [--json]'],
  reindex: ['hde reindex [--limit N] [--pause MS] [--continuation C] [--json]'],
  can: [
    'hde can --who FILE|JSON --what "INTERACTION TYPE/ID" --why PURPOSE [--record FILE|JSON] [--break-glass REASON] [--at TIME] [--policy FILE] [--json]',
  ],
  audit: [
    'hde audit who-saw [--subject S] [--from TIME] [--to TIME] [--outcome O] [--limit N] [--continuation C] [--json|--fhir] PATIENT',
    'hde audit verify [--from DAY] [--to DAY] [--noted FILE] [--json]',
    'hde audit verify --file FILE [--noted FILE] [--json]',
    'hde audit export [--from DAY] [--to DAY]',
  ],
  'opt-out': ['hde opt-out --asked FILE [--answer FILE] [--at TIME]'],
};

/** What the words of a usage mean, for whichever of them it holds. */
const notes: readonly (readonly [RegExp, string])[] = [
  [/--feed F\b/, 'F is a configured feed or a JSON file with one.'],
  [/ A B /, 'A and B are packs, such as hl7v2-uk@1.0.0, or files of site packs.'],
  [
    /ELEMENT/,
    "ELEMENT is a place in a record, such as 'Patient.name[0].family'; FIELD one in the message: PID-5.",
  ],
  [
    /FILTER/,
    'FILTER is --feed ID, --from TIME, --to TIME, --type T, --status S|any, --code CODE, --control-id C, --identifier N\n' +
      'or --about WORDS of the reasons. Without --status only failed messages fit.',
  ],
  [
    /SELECTION/,
    'SELECTION is --feed ID (several are possible), --from TIME, --to TIME or --type T. S is normalised (messages that took\n' +
      'effect, the default) or failed (those that did not, tried again); both are possible.',
  ],
  [
    /PATIENT/,
    'PATIENT is the id of a Patient record; whoever is linked with it is the same person. O is begun, done, refused or failed.',
  ],
  [/\bDAY\b/, 'DAY is 2026-11-26; verify and export take all days that are not left out.'],
  [
    /--noted/,
    '--noted FILE holds what an earlier verify --json said: a trail that was made anew since does not meet it.',
  ],
  [
    /PURPOSE/,
    'PURPOSE is direct-care, care-administration, patient-access, planning, research or an HL7 PurposeOfUse code.\n' +
      'The fields of --who, --record and --policy are in docs/reference/access-model.md.',
  ],
  [
    /--asked/,
    'The --asked FILE holds the NHS numbers that were sent to the national service, one a line; the --answer FILE what came\n' +
      'back (MESH workflow SPINE_NTT_UPHOLDING). Without an answer all have opted out. TIME is when it came (default: now).',
  ],
  [
    /FILTER|SELECTION|TIME/,
    'TIME is a day (2026-03-29: its midnight in UTC) or an instant with its offset (2026-03-29T08:30:00+01:00).',
  ],
  [
    /hde (?:triage|replay|ledger|reindex|audit|opt-out)/,
    'The exchange is at --url ADDRESS (default http://127.0.0.1:7071); --token T, else HDE_TOKEN, says who asks.',
  ],
];

/** The forms of one command, narrowed to its action where the action is known; of all commands without a name. */
function formsOf(name?: string, action?: string): readonly string[] {
  const all = name === undefined ? undefined : usages[name];
  if (all === undefined) return Object.values(usages).flat();
  const narrowed = all.filter((form) => form.startsWith(`hde ${name} ${action} `));
  return narrowed.length === 0 ? all : narrowed;
}

const print = (forms: readonly string[]): string => `Usage:\n${forms.map((form) => `  ${form}\n`).join('')}`;

/** Everything about one command (`triage`), one action of it (`triage`, `show`), or all commands. */
export function printHelp(name?: string, action?: string): string {
  const usage = print(formsOf(name, action));
  const meanings = notes.filter(([words]) => words.test(usage)).map(([, text]) => `${text}\n`);
  return meanings.length === 0 ? usage : `${usage}\n${meanings.join('')}`;
}

/** How the command should have been called, and where more is said. */
export function printUsage(name: string, action?: string): string {
  const forms = formsOf(name, action);
  const isAction = forms.length < (usages[name]?.length ?? 0);
  return `${print(forms)}\nMore: hde ${name}${isAction ? ` ${action}` : ''} --help\n`;
}
