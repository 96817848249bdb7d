import { request } from 'undici';

/**
 * Reads a topic page by page, each from where the one before ended. Prints the records a second over all pages but the first,
 * and its own share of a core.
 * @param first the first page's URL; the others' are `next` with the cursor
 */
const [first, next, pages] = process.argv.slice(2);
const headers = { accept: 'application/json' };
let url = first;
let records = 0;
let begun = 0;
let cpu;
for (let page = 0; page < Number(pages); page++) {
  const response = await request(url, { headers });
  const text = await response.body.text();
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${text.slice(0, 200)}`);
  // The whole page is not parsed: it is the server that is measured.
  const cursor = /"nextCursor":"([^"]+)"/.exec(text.slice(-1000))?.[1];
  if (page === 0) {
    begun = performance.now();
    cpu = process.cpuUsage();
  } else {
    for (let at = text.indexOf('"content":'); at >= 0; at = text.indexOf('"content":', at + 1)) records++;
  }
  url = `${next}${encodeURIComponent(cursor)}`;
}
const seconds = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ rate: records / seconds, records, load: (user + system) / 1e6 / seconds }));
