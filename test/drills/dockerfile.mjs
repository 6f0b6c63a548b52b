/**
 * The stages of a Dockerfile: `{ name, steps }`, each step with `instruction`, `args` (words), `flags` (`--from=…`) and
 * `json` (of CMD and HEALTHCHECK in their exec form). Takes what our own uses, and nothing more.
 */
export function dockerfileSteps(text) {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages = [];
  for (const line of lines) {
    const [instruction, ...rest] = line.trim().split(/\s+/);
    if (instruction === 'FROM') {
      stages.push({ image: rest[0], name: rest[1]?.toUpperCase() === 'AS' ? rest[2] : undefined, steps: [] });
      continue;
    }
    const flags = Object.fromEntries(
      rest.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')),
    );
    const json = /\[.*\]$/.exec(line);
    stages.at(-1).steps.push({
      instruction,
      args: instruction === 'RUN' ? rest : rest.filter((word) => !word.startsWith('--')),
      flags: instruction === 'RUN' ? {} : flags,
      json: json && ['CMD', 'HEALTHCHECK'].includes(instruction) ? JSON.parse(json[0]) : undefined,
    });
  }
  return stages;
}
