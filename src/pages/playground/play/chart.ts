import { ACTORS, type ActorId, type Exchange } from '../world.types.js';
import { answerOf, codeOf, endedBy, kindOf } from './answers.js';
import { seqOf } from './decoded.js';
import type { Moment } from './stage.js';
import { ACTOR_NAMES, waitOf } from './words.js';

/** An exchange in its lane. */
export interface Dot {
  readonly column: number;
  readonly lane: ActorId;
  readonly look: 'turn' | 'same' | 'lost' | 'call' | 'refused';
  /** Number of the refresh token that was handed out. */
  readonly seq?: number;
  readonly label: string;
  readonly exchange: Exchange;
  /** For screen readers. */
  readonly spoken: string;
}

/** Something that is no exchange: time that passes, a copied token, a tab that opens; or what an end does elsewhere. */
export interface Mark {
  readonly column: number;
  readonly lane?: ActorId;
  readonly look: 'wait' | 'copy' | 'open' | 'end';
  readonly seq?: number;
  readonly label: string;
}

/** A line from lane to lane. */
export interface Link {
  readonly column: number;
  readonly from: ActorId;
  readonly to: ActorId;
  readonly look: 'same' | 'copy' | 'end';
}

/** A session in a lane; dead from where it was ended until its lane learns of it. */
export interface Thread {
  readonly lane: ActorId;
  readonly from: number;
  to: number;
  readonly look: 'alive' | 'stolen' | 'dead';
}

/** The timeline, ready to be drawn: columns from left to right, a lane for each actor. */
export interface Chart {
  readonly columns: number;
  readonly dots: readonly Dot[];
  readonly marks: readonly Mark[];
  readonly links: readonly Link[];
  readonly threads: readonly Thread[];
}

interface Lane {
  sid?: string;
  /** Number of the refresh token that is held. */
  seq?: number;
  thread?: Thread;
}

/** Draws what happened, as the demo's server has seen it. Pure. */
export function chartOf(moments: readonly Moment[]): Chart {
  const dots: Dot[] = [];
  const marks: Mark[] = [];
  const links: Link[] = [];
  const threads: Thread[] = [];
  const lanes = Object.fromEntries(ACTORS.map((id) => [id, {}])) as Record<ActorId, Lane>;
  const tokens = new Map<string, ActorId>();
  let column = 0;

  const close = (lane: Lane): void => {
    if (lane.thread) lane.thread.to = column;
    lane.thread = undefined;
  };
  const open = (id: ActorId, look: Thread['look'], sid = lanes[id].sid): void => {
    close(lanes[id]);
    const thread: Thread = { lane: id, from: column, to: column, look };
    lanes[id] = { ...lanes[id], sid, thread };
    threads.push(thread);
  };
  const end = (sid: string, by: ActorId): void => {
    for (const id of ACTORS) {
      const lane = lanes[id];
      if (lane.sid !== sid || !lane.thread || lane.thread.look === 'dead') continue;
      if (id === by) {
        close(lane);
        continue;
      }
      open(id, 'dead');
      links.push({ column, from: by, to: id, look: 'end' });
      marks.push({ column, lane: id, look: 'end', label: 'ended' });
    }
  };

  for (const { step, exchanges, isEmpty } of moments) {
    if (isEmpty) continue;
    if (step.do === 'wait') {
      marks.push({ column, look: 'wait', label: waitOf(step.for) });
      column++;
    } else if (step.do === 'join' || step.do === 'steal') {
      const { sid, seq } = lanes[step.of];
      const isCopy = step.do === 'steal';
      open(step.who, isCopy ? 'stolen' : 'alive', sid);
      lanes[step.who].seq = seq;
      marks.push({ column, lane: step.who, look: isCopy ? 'copy' : 'open', seq, label: isCopy ? 'copies' : 'opens' });
      links.push({ column, from: step.of, to: step.who, look: 'copy' });
      column++;
    }
    for (const exchange of exchanges) {
      const { actor } = exchange;
      const dot = dotOf(exchange, column);
      dots.push(dot);
      for (const sid of endedBy(exchange)) end(sid, actor);
      const { refresh_token: token, session_id: sid } = answerOf(exchange);
      if (exchange.status >= 400) close(lanes[actor]);
      else if (kindOf(exchange) === 'logout') close(lanes[actor]);
      else if (sid !== undefined && !exchange.isLost && (lanes[actor].sid !== sid || !lanes[actor].thread)) {
        open(actor, 'alive', sid);
      }
      if (token !== undefined) {
        if (!exchange.isLost) lanes[actor].seq = seqOf(token);
        const other = tokens.get(token);
        if (other !== undefined && other !== actor) links.push({ column, from: other, to: actor, look: 'same' });
        tokens.set(token, actor);
      }
      column++;
    }
  }
  for (const { thread } of Object.values(lanes)) if (thread) thread.to = column;
  return { columns: column, dots, marks, links, threads };
}

function dotOf(exchange: Exchange, column: number): Dot {
  const { actor, decision, status, isLost, id } = exchange;
  const kind = kindOf(exchange);
  const seq = seqOf(answerOf(exchange).refresh_token);
  const [look, label]: [Dot['look'], string] =
    status >= 400
      ? ['refused', codeOf(exchange) ?? String(status)]
      : isLost
        ? ['lost', 'answer lost']
        : decision?.kind === 'replay'
          ? ['same', 'same token']
          : kind === 'refresh'
            ? ['turn', 'refresh']
            : seq !== undefined
              ? ['turn', kind === 'login' ? 'sign in' : 'new password']
              : ['call', { end: 'ends', logout: 'sign out' }[kind as string] ?? 'cart'];
  // In the order in which it is seen.
  const shown = seq === undefined ? label : `${seq} ${label}`;
  const received = isLost ? ', but never received' : '';
  const spoken = `${ACTOR_NAMES[actor]}: ${shown}, answered ${status}${received}. Request ${id.slice(0, 8)}.`;
  return { column, lane: actor, look, seq, label, exchange, spoken };
}
