import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { registered } from './registry.js';

/** A message as a mail server gets it. */
export interface ReceivedMail {
  /** The receivers of the envelope: where it really goes. */
  readonly to: readonly string[];
  readonly source: string;
  /** Of its `Message-ID`. */
  readonly id: string;
  readonly subject: string;
  /** The first link in it; undefined if there is none. */
  readonly link?: string;
  readonly ticket?: string;
}

/** What a mail server does beside taking mails. */
export interface Mood {
  /** What it answers to a receiver; undefined: it takes the mail. */
  refuses?: (address: string) => Error | undefined;
  /** Takes each mail, and is gone before it says so. */
  losesAnswers?: boolean;
}

/** A real mail server on this machine, which can go away and come back on the same port. */
export interface Mailbox {
  readonly url: string;
  readonly mails: ReceivedMail[];
  readonly mood: Mood;
  away(): Promise<void>;
  back(): Promise<void>;
  stop(): Promise<void>;
}

const decoded = (source: string): string =>
  source
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function received(source: string, to: readonly string[]): ReceivedMail {
  const link = /https?:\/\/[^\s"<>]+#ticket=[\w-]+/.exec(decoded(source))?.[0];
  return {
    to,
    source,
    id: /^Message-ID: <(.+?)@/im.exec(source)![1]!,
    subject: /^Subject: (.+?)\r?$/im.exec(source)![1]!,
    link,
    ticket: link?.split('#ticket=')[1],
  };
}

export const startMailbox = (): Promise<Mailbox> => registered(start(), 'stop');

async function start(): Promise<Mailbox> {
  let server: SMTPServer | undefined;
  let port = 0;
  const lines = new Set<Socket>();
  const mailbox: Mailbox = {
    url: '',
    mails: [],
    mood: {},
    back: async () => {
      server = new SMTPServer({
        closeTimeout: 10,
        disabledCommands: ['AUTH', 'STARTTLS'],
        onRcptTo: ({ address }, _session, done) => done(mailbox.mood.refuses?.(address)),
        onData: (stream, { envelope }, done) => {
          const chunks: Buffer[] = [];
          stream.on('data', (chunk: Buffer) => chunks.push(chunk));
          stream.on('end', () => {
            const to = envelope.rcptTo.map(({ address }) => address);
            mailbox.mails.push(received(Buffer.concat(chunks).toString(), to));
            if (mailbox.mood.losesAnswers) void mailbox.away();
            else done();
          });
        },
      });
      server.on('error', () => undefined);
      server.server.on('connection', (line) => {
        lines.add(line);
        line.once('close', () => lines.delete(line));
      });
      await new Promise<void>((resolve) => server!.listen(port, '127.0.0.1', resolve));
      port = (server.server.address() as AddressInfo).port;
    },
    away: async () => {
      const closing = server;
      server = undefined;
      if (!closing) return;
      const closed = new Promise<void>((resolve) => closing.close(resolve));
      for (const line of lines) line.destroy();
      await closed;
    },
    stop: () => mailbox.away(),
  };
  await mailbox.back();
  return Object.assign(mailbox, { url: `smtp://127.0.0.1:${port}` });
}

/** The mails to one address, as soon as there are so many. */
export async function mailsTo(mailbox: Mailbox, address: string, count: number): Promise<readonly ReceivedMail[]> {
  for (;;) {
    const found = mailbox.mails.filter(({ to }) => to.includes(address));
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
