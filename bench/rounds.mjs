/** The middle one; of an even number the lower. */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

/**
 * Measures variants in turn (A B C A B C …), so that whatever else the machine does meets all of them alike.
 *
 * @param measure `(variant) => Promise<sample>`: numbers by name
 * @returns for each variant its samples
 */
export async function interleave(variants, rounds, measure) {
  const samples = new Map(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    // Every other round backwards: a neighbour that grows slower must not always be the same one.
    for (const variant of round % 2 ? variants.toReversed() : variants) {
      samples.get(variant).push(await measure(variant));
    }
  }
  return samples;
}

/** Median of one number over all samples. */
export const middle = (samples, name) => median(samples.map((sample) => sample[name]));

/** Of CPU time: whatever else the machine does can only add to it, so the least is nearest to what the code costs. */
export const least = (samples, name) => Math.min(...samples.map((sample) => sample[name]));

/** `12,300–13,900` */
export function spread(samples, name) {
  const values = samples.map((sample) => sample[name]);
  return `${whole(Math.min(...values))}–${whole(Math.max(...values))}`;
}

/**
 * How a variant stands to the reference: the median of the ratios within each round, which are steadier than the ratio
 * of two medians when the machine's speed drifts.
 */
export const ratio = (samples, reference, name) =>
  median(samples.map((sample, round) => sample[name] / reference[round][name]));

export const whole = (value) => Math.round(value).toLocaleString('en-US');
