/** Checks Bicep files without the compiler: syntax, names, modules, linter rules and, where they are given, types. */
import { BicepSyntaxError } from '../ast.js';
import type { BicepProject } from '../project.js';
import type { Finding, Report } from './finding.js';
import { lint } from './lint.js';
import { checkModules } from './modules.js';
import { checkNames } from './names.js';
import type { ResourceTypes } from './resource-types.js';
import { checkResources } from './resources.js';

/** What is wrong with one file, by its place. */
export function checkFile(project: BicepProject, path: string, types?: ResourceTypes): readonly Finding[] {
  const findings: Finding[] = [];
  try {
    const file = project.file(path);
    const isParameterFile = path.endsWith('.bicepparam');
    const report: Report = ({ line, column }, rule, message) => {
      const isOff = file.disabled.get(line)?.includes(rule) ?? false;
      if (!isOff) findings.push({ file: path, place: { line, column }, rule, message });
    };
    checkNames(file, isParameterFile, report);
    checkModules(project, path, report);
    lint(file, isParameterFile, report);
    if (types !== undefined) checkResources(file, types, report);
  } catch (error) {
    if (!(error instanceof BicepSyntaxError)) throw error;
    // A module that cannot be parsed is reported for itself as well.
    findings.push({ file: path, place: error.place, rule: 'syntax', message: error.message });
  }
  return findings.sort(
    (one, other) => one.place.line - other.place.line || one.place.column - other.place.column,
  );
}
