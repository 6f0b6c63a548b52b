/** @type {import('../mutants.mjs').Area} */
export const redisStore = {
  file: 'src/stores/redis/redis-scripts.ts',
  tests: ['test/stores/redis-token.repository.spec.ts'],
  mutants: [
    {
      name: 'grace goes by the clock of the instance',
      file: 'src/sessions/rotation-steps.ts',
      tests: ['src/sessions/refresh-rotation.service.spec.ts'],
      find: 'decideRotation(record, presented, request, rules, now)',
      replace: 'decideRotation(record, presented, request, rules, Date.now())',
      breaks: "one clock: the store's, for rotatedAt, grace, ends and iat",
    },
    {
      name: 'an advance does not compare the number',
      find: 'if secret == ARGV[2] and seq == tonumber(ARGV[4]) and',
      replace: 'if secret == ARGV[2] and',
      breaks: 'invariant 1: exactly one seq can advance a session',
    },
    {
      name: 'an advance does not compare the secret',
      find: 'if secret == ARGV[2] and seq == tonumber(ARGV[4]) and',
      replace: 'if seq == tonumber(ARGV[4]) and',
      breaks: 'invariant 7: a foreign token changes nothing',
    },
    {
      name: 'an advance does not compare the generation',
      find: 'and generation <= tonumber(ARGV[3])\n',
      replace: '\n',
      breaks: 'invariant 5: the generation is part of the compare',
    },
    {
      name: 'an advance does not compare the idle end',
      find: 'and now < idle * 1000 and now < absolute * 1000 then\n  if ARGV[7]',
      replace: 'and now < absolute * 1000 then\n  if ARGV[7]',
      breaks: 'invariant 6: nothing is issued at or past an end',
    },
    {
      name: 'a rotation moves the idle end past the absolute end',
      find: "if ARGV[7] ~= '' then idle = math.min(math.floor((now + idleTtl(head, ARGV[7])) / 1000), absolute) end",
      replace: "if ARGV[7] ~= '' then idle = math.floor((now + idleTtl(head, ARGV[7])) / 1000) end",
      breaks: 'invariant 6: every exp is at most the absolute end',
    },
    {
      name: 'a generation is lowered',
      find: 'math.max(noted(stored), tonumber(ARGV[1]))',
      replace: 'tonumber(ARGV[1])',
      breaks: 'invariant 5: the write of a generation is max(current, target)',
    },
    {
      name: 'a weaker reason replaces the alarm',
      find: 'if not noted or (strengths[noted] or math.huge) < strengths[letter] then',
      replace: 'if true then',
      breaks: 'fault: a thief erases the theft alarm',
    },
    {
      name: 'a raised generation ends the sessions of the new password',
      find: 'if generation < tonumber(ARGV[1]) then',
      replace: 'if generation <= tonumber(ARGV[1]) then',
      breaks: 'revocation: a session opened at the new generation lives',
    },
    {
      name: 'a login with an outdated generation is opened',
      file: 'src/stores/redis/redis-open-script.ts',
      find: "if tonumber(ARGV[4]) < generation then return {'outdated', now} end",
      replace: '',
      breaks: 'invariant 5: a login with the old password that races with its change opens nothing',
    },
    {
      name: 'the key of a subject expires with the session that was written last',
      file: 'src/stores/redis/redis-script-pieces.ts',
      find: "if now + redis.call('PTTL', key) < moment then redis.call('PEXPIREAT', key, moment) end",
      replace: "redis.call('PEXPIREAT', key, moment)",
      breaks: 'store: the key outlives what in it lives longest',
    },
  ],
};
