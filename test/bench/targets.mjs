/** What a figure is to reach: in words, and whether it does. */

/** Of the floor's, more being better. */
export const ratioAtLeast = (least) => ({ text: `≥ ${least}`, met: ({ ratio }) => ratio >= least });

/** Of the floor's, less being better. */
export const ratioAtMost = (most) => ({ text: `≤ ${most}×`, met: ({ ratio }) => ratio <= most });

/** In the figure's own unit. */
export const atMost = (most) => ({ text: `≤ ${most.toLocaleString('en')}`, met: ({ ours }) => ours <= most });

/** In the figure's own unit. */
export const atLeast = (least) => ({
  text: `≥ ${least.toLocaleString('en')}`,
  met: ({ ours }) => ours >= least,
});

/** Beyond the floor's, in the figure's own unit. */
export const within = (most) => ({
  text: `floor + ${most}`,
  met: ({ floor, ours }) => ours - floor <= most,
});
