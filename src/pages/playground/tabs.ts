/** The tabs of the page, by mouse and by arrow keys (WAI-ARIA: tabs with automatic activation). */
export function joinTabs(list: HTMLElement, shown: (id: string) => void): void {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
  const select = (tab: HTMLElement): void => {
    for (const one of tabs) {
      const isChosen = one === tab;
      one.setAttribute('aria-selected', String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
      document.getElementById(one.getAttribute('aria-controls')!)!.hidden = !isChosen;
    }
    shown(tab.getAttribute('aria-controls')!);
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => select(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      const next = tabs[(index + step + tabs.length) % tabs.length]!;
      if (step === 0) return;
      select(next);
      next.focus();
    });
  }
}
