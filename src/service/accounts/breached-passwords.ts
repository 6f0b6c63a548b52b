import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { AuthConfigError, AuthError } from '../../index.js';
import { normalizePassword } from './password-policy.js';

/** A hash as the public list writes it, and how often it was seen. */
const LINE = /^([0-9A-F]{40})(?::\d{1,12})?\r?$/i;
const LONGEST_LINE = 64;
/** Below it, lines are read one by one. */
const BLOCK = 4_096;
/** A file of the wrong kind or order is found by far fewer; all lines of a small file are looked at. */
const SAMPLES = 256;

interface Line {
  /** Where it begins, and where the next one does. */
  readonly start: number;
  readonly end: number;
  readonly hash: string;
}

/**
 * Passwords known from data breaches, in a file that is searched and never loaded: SHA-1 hashes in hexadecimal, one on
 * each line, in ascending order, each with a colon and a count or without; as the Pwned Passwords of Have I Been Pwned
 * are published ("ordered by hash"). A search takes some thirty reads of a list of 40 GB.
 *
 * @example
 * ```ts
 * const breached = await BreachedPasswords.open('/lists/pwned-passwords.txt');
 * await breached.has('P@ssw0rd'); // true
 * ```
 */
export class BreachedPasswords {
  private constructor(
    private readonly file: FileHandle,
    private readonly size: number,
  ) {}

  /** @throws AuthConfigError when the file is missing, or is not such a list in order */
  static async open(path: string): Promise<BreachedPasswords> {
    const wrong = (what: string, cause?: unknown): AuthConfigError =>
      AuthConfigError.of('passwordBreached', `names the file ${path}, which ${what}`, cause);
    const file = await open(path, 'r').catch((cause: unknown) => {
      throw wrong('cannot be read', cause);
    });
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw wrong('is no file');
      if (stats.size === 0) throw wrong('is empty');
      const list = new BreachedPasswords(file, stats.size);
      const fault = await list.fault();
      if (fault !== undefined) throw wrong(fault);
      return list;
    } catch (error) {
      await file.close();
      throw error instanceof AuthConfigError ? error : wrong('cannot be read', error);
    }
  }

  /** @throws AuthError `temporarily_unavailable` when the file cannot be read any more */
  async has(password: string): Promise<boolean> {
    const wanted = createHash('sha1').update(normalizePassword(password)).digest('hex').toUpperCase();
    try {
      return await this.holds(wanted);
    } catch (cause) {
      const fault = 'The file of PASSWORD_BREACHED cannot be read.';
      throw new AuthError('temporarily_unavailable', 'The password cannot be checked now; try again in a moment.', {
        cause,
        fault,
        retryAfter: 5,
      });
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** Narrows down to the block that holds the line, if one does: the line begins in `from` … `to`. */
  private async holds(wanted: string): Promise<boolean> {
    let [from, to] = [0, this.size];
    while (to - from > BLOCK) {
      const line = await this.lineFrom(Math.floor((from + to) / 2));
      if (!line || line.hash > wanted) to = Math.min(line?.start ?? to, Math.floor((from + to) / 2) + LONGEST_LINE);
      else from = line.start;
    }
    for (let line = await this.lineFrom(from); line && line.start < to; line = await this.lineFrom(line.end)) {
      if (line.hash >= wanted) return line.hash === wanted;
    }
    return false;
  }

  /** What is wrong with the file, after a look at all lines of a small one, else at pairs of neighbours all over it. */
  private async fault(): Promise<string | undefined> {
    const step = this.size <= SAMPLES * LONGEST_LINE ? 0 : Math.floor(this.size / SAMPLES);
    let [last, isSample] = ['', true];
    try {
      for (let line = await this.lineFrom(0); line; isSample = !isSample) {
        if (line.hash <= last) return `is not ordered by hash: see the line at byte ${line.start}`;
        last = line.hash;
        line = await this.lineFrom(line.end + (isSample ? 0 : step));
      }
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
    return undefined;
  }

  /**
   * The first line that begins at a place or after it; undefined at the end of the file.
   * @throws RangeError for a line that is no hash
   */
  private async lineFrom(place: number): Promise<Line | undefined> {
    const { buffer, bytesRead } = await this.file.read(
      Buffer.alloc(2 * LONGEST_LINE),
      0,
      2 * LONGEST_LINE,
      Math.max(0, place - 1),
    );
    const text = buffer.toString('latin1', 0, bytesRead);
    const skipped = place === 0 ? 0 : text.indexOf('\n') + 1;
    if (place > 0 && skipped === 0) {
      if (place - 1 + bytesRead >= this.size) return undefined;
      throw noHash(place);
    }
    const start = Math.max(0, place - 1) + skipped;
    if (start >= this.size) return undefined;
    const newline = text.indexOf('\n', skipped);
    const found = LINE.exec(newline < 0 ? text.slice(skipped) : text.slice(skipped, newline));
    if (!found || (newline < 0 && start + found[0].length < this.size)) throw noHash(start);
    return { start, end: start + found[0].length + 1, hash: found[1]!.toUpperCase() };
  }
}

const noHash = (place: number): RangeError =>
  new RangeError(
    `has a line that is no SHA-1 hash in hexadecimal, at byte ${place}; it must be a list ordered by hash`,
  );
