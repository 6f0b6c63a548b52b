/** What the account page has beside the look of all pages. */
export const ACCOUNT_STYLE = `.cards { display: grid; gap: 1.25rem; min-width: 0 }
.address { overflow-wrap: anywhere }
.device { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem }
.device > div { flex: 1 1 14rem; min-width: 0 }
.device-name { overflow-wrap: anywhere }
details { border-top: 1px solid var(--line); padding-top: .75rem }
summary { cursor: pointer; font-weight: 600; padding: .35rem 0 }
details > .list { margin-top: .75rem }
`;
