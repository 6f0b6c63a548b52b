const U48 = 6;

/**
 * Lets time pass for a subject: Redis keeps its clock, so all that is stored of the subject is set back by as much.
 * @param codec `{ packSession, unpackSession }`, of the sources or of a build
 * @param key of the subject
 */
export async function setBackSubject(client, { packSession, unpackSession }, key, milliseconds) {
  const fields = await client.hkeysBuffer(key);
  if (fields.length === 0) return;
  const values = await client.hmgetBuffer(key, ...fields);
  for (const [index, field] of fields.entries()) {
    const value = values[index];
    const kind = field.subarray(16).toString();
    if (field.length === 2 && field[0] === 'h'.charCodeAt(0)) {
      await client.hset(key, field, pastEarlier(value, milliseconds));
    } else if (field.length === 16) await client.hset(key, field, setBackSession(value));
    else if (field.toString() === 'c') {
      await client.hset(key, field, earlier(earlier(value, 0, milliseconds), U48, milliseconds));
    } else if (field.toString() === 'g') await client.hset(key, field, earlier(value, 7, milliseconds));
    else if (kind === 'c' || kind === 'x') await client.hset(key, field, earlier(value, 0, milliseconds));
  }
  await client.pexpireat(key, (await client.pexpiretime(key)) - milliseconds);

  function setBackSession(session) {
    const record = unpackSession('', '', session, null);
    const back = packSession({
      ...record,
      rotatedAt: record.rotatedAt - milliseconds,
      createdAt: record.createdAt - milliseconds,
      authTime: record.authTime - Math.floor(milliseconds / 1000),
      idleEnd: record.idleEnd - Math.ceil(milliseconds / 1000) * 1000,
      absoluteEnd: record.absoluteEnd - Math.ceil(milliseconds / 1000) * 1000,
    }).session;
    // What the details tell of is not known here, and decides the format.
    back[0] = session[0];
    return back;
  }
}

function earlier(value, at, milliseconds) {
  const copy = Buffer.from(value);
  copy.writeUIntBE(value.readUIntBE(at, U48) - milliseconds, at, U48);
  return copy;
}

/** Of a session that has ended: until when it is remembered, its end, its login, its last refresh, in seconds. */
function pastEarlier(value, milliseconds) {
  const copy = Buffer.from(value);
  for (const at of [0, 4, 32, 36]) copy.writeUInt32BE(value.readUInt32BE(at) - Math.round(milliseconds / 1000), at);
  return copy;
}
