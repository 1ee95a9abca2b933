import { BicepProject } from '../../../tools/bicep/project.js';

/** A project of files given as texts. */
export const projectOf = (files: Readonly<Record<string, string>>): BicepProject =>
  new BicepProject((path) => files[path]);
