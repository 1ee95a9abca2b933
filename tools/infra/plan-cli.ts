/** The command of `npm run infra:plan`. */
import { runPlan } from './plan.js';

process.exitCode = runPlan(process.argv.slice(2), (text) => {
  console.log(text);
});
