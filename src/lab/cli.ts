#!/usr/bin/env node
import { labCommand } from './lab-command.js';

const to = (stream: NodeJS.WriteStream) => (text: string) => stream.write(`${text}\n`);

void labCommand(process.argv.slice(2), to(process.stdout), to(process.stderr)).then(
  (code) => (process.exitCode = code),
);
