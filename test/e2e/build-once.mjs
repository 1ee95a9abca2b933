import { execFileSync } from 'node:child_process';

/** Journeys run the deployable bundle, so it is built once before them. */
export default function buildOnce() {
  execFileSync(process.execPath, ['tools/build.mjs', '--quiet'], { stdio: 'inherit' });
}
