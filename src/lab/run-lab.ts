import { NotReady, Scene, type LabTarget } from './scene.js';
import { NotApplicable, type Situation } from './situations/situation.js';

export type Verdict = 'passed' | 'failed' | 'not applicable' | 'not started';

/** What came out of a situation. */
export interface Score {
  readonly name: string;
  readonly happens: string;
  readonly verdict: Verdict;
  /** In sentences; empty where it passed. */
  readonly faults: readonly string[];
}

async function score(situation: Situation, target: LabTarget): Promise<Score> {
  const { name, happens } = situation;
  const scene = new Scene(target);
  try {
    await scene.begin();
    const faults = await situation.play(scene);
    return { name, happens, verdict: faults.length === 0 ? 'passed' : 'failed', faults };
  } catch (error) {
    if (error instanceof NotApplicable) return { name, happens, verdict: 'not applicable', faults: [error.message] };
    if (error instanceof NotReady) return { name, happens, verdict: 'not started', faults: [error.message.trim()] };
    throw error;
  } finally {
    await scene.end();
  }
}

/**
 * Puts a client through situations, some at a time, each with a process and a session of its own.
 * @param tell is called with each score as it comes
 * @returns the scores in the order of the situations
 */
export async function runLab(
  situations: readonly Situation[],
  target: LabTarget,
  atOnce: number,
  tell: (score: Score) => void,
): Promise<Score[]> {
  const scores: Score[] = [];
  const waiting = [...situations.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [place, situation] = next;
      scores[place] = await score(situation, target);
      tell(scores[place]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return scores;
}
