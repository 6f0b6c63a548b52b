/** Our own files become more with each feature; what matters is that nothing large comes along. */
const OWN_FILES = 1.25;
/** Redis' versions and the luck of its key tables differ by less. */
const BYTES = 1.05;
/** What a busy machine does to a ratio by CPU is less. */
const RATIO = 0.5;

/** Whether a ratio is grossly worse than it was. */
export const isGross = (had, has) => has < had * RATIO;

/**
 * What is grossly worse than what was recorded: each as a sentence. Never by a time: only by counts, which are the same
 * on each machine, and by ratios within one run.
 */
export function regressions(recorded, seen) {
  return [
    ...each(recorded.modules, seen.modules, moduleRegressions),
    ...each(recorded.commands, seen.commands, commandRegressions),
    ...each(recorded.bytes, seen.bytes, (name, had, has) =>
      has > had * BYTES ? [`sessions, ${name}: ${has} bytes of Redis' memory, recorded are ${had}`] : [],
    ),
    ...each(recorded.ratios, seen.ratios, (name, had, has) =>
      isGross(had, has) ? [`${name}: ${has} by CPU, less than half of the recorded ${had}`] : [],
    ),
  ];
}

/** What is not recorded yet is no regression, but nobody would see one: it has to be recorded. */
function each(recorded, seen, judge) {
  return Object.keys({ ...recorded, ...seen }).flatMap((name) => {
    if (recorded[name] === undefined) return [`${name}: not recorded yet`];
    if (seen[name] === undefined) return [`${name}: recorded, but no longer measured`];
    return judge(name, recorded[name], seen[name]);
  });
}

const moduleRegressions = (way, had, has) =>
  Object.entries(has).flatMap(([name, files]) => {
    const before = had[name] ?? 0;
    if (name === 'own')
      return files > before * OWN_FILES ? [`${way}: ${files} files of ours, recorded are ${before}`] : [];
    if (files <= before) return [];
    return [`${way}: loads ${files} files of ${name}, recorded are ${before || 'none'}`];
  });

const commandRegressions = (request, had, has) =>
  Object.entries(has).flatMap(([command, times]) => {
    const before = had[command] ?? 0;
    return times > before
      ? [`${request}: ${times} times ${command.toUpperCase()}, recorded are ${before || 'none'}`]
      : [];
  });
