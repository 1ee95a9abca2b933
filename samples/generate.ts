/** `npm run samples`: writes the sample day into samples/acute-trust of the current directory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateDay } from './generator/day.js';
import { renderMessages, renderPeople, renderReadme } from './generator/render.js';

const folder = path.resolve('samples', 'acute-trust');
const day = generateDay();
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'day.hl7'), renderMessages(day.messages));
writeFileSync(path.join(folder, 'people.json'), renderPeople(day.people));
writeFileSync(path.join(folder, 'README.md'), renderReadme(day));
console.log(`${day.messages.length} messages for ${day.people.length} people written to ${folder}`);
