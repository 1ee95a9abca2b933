/**
 * `npm run infra:check`: Bicep's own compiler and linter where there is one, with warnings as errors; else the checker of
 * tools/bicep, with the types of Azure's resources where BICEP_TYPES names a folder of them. Then, either way, the rules of
 * tools/infra/rules over what each environment would deploy.
 */
import { checkFile } from '../bicep/check/check.js';
import { findingText } from '../bicep/check/finding.js';
import { resourceTypesIn } from '../bicep/check/resource-types.js';
import { BicepProject } from '../bicep/project.js';
import { compile, compilerCommand } from './compiler.js';
import { bicepFiles, environments, parameterFile } from './files.js';
import { infrastructureOf } from './infrastructure.js';
import { breachesOf } from './rules/all.js';

/** Modules are compiled with the templates that use them. */
const isModule = (file: string): boolean => file.includes('/modules/');

const compileAll = (command: string, files: readonly string[]): readonly string[] => [
  ...new Set(files.filter((file) => !isModule(file)).flatMap((file) => compile(command, file).diagnostics)),
];

function checkAll(files: readonly string[], typesFolder: string | undefined): readonly string[] {
  const project = BicepProject.onDisk();
  const types = typesFolder === undefined ? undefined : resourceTypesIn(typesFolder);
  return files.flatMap((file) => checkFile(project, file, types)).map(findingText);
}

/** Breaches of the rules over what each environment would deploy. */
function breaches(): readonly string[] {
  return environments.flatMap((environment) =>
    breachesOf(infrastructureOf(BicepProject.onDisk(), environment)).map(
      ({ rule, message }) => `${parameterFile(environment)} ${rule}: ${message}`,
    ),
  );
}

function main(): void {
  const files = bicepFiles();
  const command = compilerCommand(process.env);
  const typesFolder = process.env['BICEP_TYPES'];
  const found = command === undefined ? checkAll(files, typesFolder) : compileAll(command, files);
  const problems = [...found, ...breaches()];
  const by =
    command === undefined
      ? `tools/bicep ${typesFolder === undefined ? 'without types of resources' : `with the types of ${typesFolder}`}; ` +
        'Bicep itself is not on this machine (npm run infra:tools, or BICEP_PATH)'
      : 'the Bicep compiler';
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} problems, checked by ${by}`);
  if (problems.length > 0 || files.length === 0) process.exitCode = 1;
}

main();
