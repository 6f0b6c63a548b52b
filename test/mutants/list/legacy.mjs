const access = { file: 'src/legacy/legacy-access.ts', tests: ['src/legacy/legacy-access.spec.ts'] };
const marks = 'src/legacy/legacy-marks.ts';

/** @type {import('../mutants.mjs').Area} */
export const legacy = {
  file: 'src/legacy/legacy-tokens.ts',
  tests: ['src/legacy/legacy-tokens.spec.ts'],
  mutants: [
    {
      name: 'an old token is redeemed for another session each time',
      find: 'const identity = { sid: session.sid,',
      replace: "const identity = { sid: randomBytes(16).toString('base64url'),",
      breaks: 'legacy: redeemed once; a lost answer and its retry give the same successor',
    },
    {
      name: 'a redeemed token leaves no mark',
      find: 'await this.marks.use(token, said, this.clock.now());\n      if (isRepeated)',
      replace: 'if (isRepeated)',
      breaks: 'legacy: a token that was redeemed and logged out never comes back',
    },
    {
      name: 'a session that was opened is not looked at again',
      find: 'if (areEnded || (isUsed && !isRepeated)) {',
      replace: 'if (areEnded && isUsed && !isRepeated) {',
      breaks: 'legacy: no redemption slips between a logout and the step of the store',
    },
    {
      name: 'a moved user is asked for its share again',
      find: 'if (session.record) {',
      replace: 'if (session.record && isInShare(said.sub, this.policy.legacy.refreshTokens.share)) {',
      breaks: 'legacy: who was moved stays so when the share is lowered',
    },
    {
      name: 'a redemption counts as a login of now',
      find: 'issuedAt = 0, authTime = 0, amr',
      replace: 'issuedAt = 0, authTime, amr',
      breaks: 'legacy: auth_time is the token’s own or 0, never now',
    },
    {
      name: 'the second of a password change counts as after it',
      file: marks,
      find: 'return issuedAt * 1000 <',
      replace: 'return issuedAt * 1000 + 999 <',
      breaks: 'legacy: old tokens of the second of a password change are dead',
    },
    {
      name: 'a password change does not reach old tokens',
      file: 'src/sessions/session-endings.ts',
      tests: [...access.tests, 'src/legacy/legacy-tokens.spec.ts'],
      find: 'const generation = await this.store.raiseGeneration(name, this.clock.now() + 1, LONGEST_LIFE);',
      replace: 'const generation = 0;',
      breaks: 'legacy: a logout of all devices reaches tokens without a generation',
    },
    {
      ...access,
      name: 'an old access token is good again when the feed forgets its logout',
      find: 'if (isUsed || areEnded ||',
      replace: 'if (areEnded ||',
      breaks: 'legacy: the feed forgets before an old token is over',
    },
    {
      ...access,
      name: 'an old access token outlives the feed where it is all there is',
      find: 'return Math.min(end, issuedAt +',
      replace: 'return Math.max(end, issuedAt +',
      breaks: 'legacy: without a store an old token counts for accessTtl at most',
    },
  ],
};
