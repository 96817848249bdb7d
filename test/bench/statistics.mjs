/** The middle one. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What `part` (0 to 1) of the numbers do not exceed. */
export function percentile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/**
 * Runs floor and gateway in turn, `pairs` times; one pair at the beginning is thrown away: it warms both up.
 * @param floor, ours each resolves with an object of numbers; without a floor only the gateway is measured
 * @returns what each run gave, by side
 */
export async function paired(pairs, floor, ours, progress = () => {}) {
  const samples = { floor: [], ours: [] };
  for (let pair = -1; pair < pairs; pair++) {
    const a = await floor?.();
    const b = await ours();
    progress(pair, a, b);
    if (pair < 0) continue;
    if (a !== undefined) samples.floor.push(a);
    samples.ours.push(b);
  }
  return samples;
}

/**
 * One figure of a row: the medians of both sides, and the median ratio pair by pair with its spread; `floor`, `ratio` and
 * `spread` are null where there is no floor.
 * @param key of the numbers in the samples
 */
export function figure(samples, key, { name, title, unit, target = null, note }) {
  const [floor, ours] = [samples.floor, samples.ours].map((side) =>
    side.map((one) => one[key]).filter((one) => one !== undefined),
  );
  const ratios = floor.map((one, index) => ours[index] / one);
  const measured = {
    floor: floor.length === 0 ? null : median(floor),
    ours: median(ours),
    ratio: ratios.length === 0 ? null : median(ratios),
    spread: ratios.length === 0 ? null : [Math.min(...ratios), Math.max(...ratios)],
  };
  const judged = target === null ? {} : { target: target.text, met: target.met(measured) };
  return {
    name,
    title,
    unit,
    pairs: ours.length,
    ...measured,
    ...judged,
    ...(note === undefined ? {} : { note }),
  };
}
