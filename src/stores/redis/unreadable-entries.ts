/**
 * Entries of the feed in a format that this version does not know: until the last of them can meet no living token, this
 * instance does not know whom it should refuse, however fresh its reading is. Pure: time comes with the call.
 */
export class UnreadableEntries {
  /** By id: the window is read anew at each connect, and an entry counts from its first sight. */
  private readonly ends = new Map<string, number>();

  /**
   * @param now milliseconds of a clock that never jumps
   * @param retention milliseconds for which an entry can matter
   * @returns whether it is the first that is known here
   */
  note(id: string, now: number, retention: number): boolean {
    const isFirst = !this.among(now);
    if (!this.ends.has(id)) this.ends.set(id, now + retention);
    return isFirst;
  }

  /** Whether there is one that still matters. */
  among(now: number): boolean {
    // Asked for each request, and there is hardly ever one.
    if (this.ends.size === 0) return false;
    for (const [id, end] of this.ends) {
      if (end > now) return true;
      this.ends.delete(id);
    }
    return false;
  }
}
