import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'express';
import type { ProviderId } from '../simulator.js';
import { hugeFileChunk } from './broken-bodies.js';

const CHUNK_BYTES = 64 * 1024;
const DRIPS_PER_SECOND = 10;

/** A JSON list that never ends; stops when the client goes away. */
export async function sendEndlessList(response: Response, provider: ProviderId): Promise<void> {
  response.status(200).setHeader('Content-Type', 'application/json; charset=utf-8');
  await send(response, Buffer.from(provider === 'greenhouse' ? '[' : '{"data":['));
  for (let id = 1; !response.destroyed; id += 500) {
    const rows = Array.from({ length: 500 }, (_, index) => `{"id":${id + index},"name":"Endless"},`);
    await send(response, Buffer.from(rows.join('')));
  }
}

/** A file of exactly so many bytes, generated as it is sent. */
export async function sendHugeFile(response: Response, bytes: number): Promise<void> {
  response.status(200).setHeader('Content-Type', 'application/pdf');
  response.setHeader('Content-Length', bytes);
  for (let sent = 0; sent < bytes && !response.destroyed; sent += CHUNK_BYTES) {
    await send(response, hugeFileChunk(sent, Math.min(CHUNK_BYTES, bytes - sent)));
  }
  response.end();
}

/** The body, a few bytes at a time. */
export async function drip(response: Response, body: Buffer, bytesPerSecond: number): Promise<void> {
  const perDrip = Math.max(1, Math.ceil(bytesPerSecond / DRIPS_PER_SECOND));
  const pauseMs = (perDrip / bytesPerSecond) * 1000;
  for (let sent = 0; sent < body.byteLength && !response.destroyed; sent += perDrip) {
    await send(response, body.subarray(sent, sent + perDrip));
    // Unreferenced: a client that waits must not keep a closing sandbox alive.
    await wait(pauseMs, undefined, { ref: false });
  }
  response.end();
}

async function send(response: Response, chunk: Buffer): Promise<void> {
  if (response.destroyed || response.write(chunk)) {
    // Gives other requests their turn, and a closed connection the chance to be noticed.
    await new Promise((resolve) => setImmediate(resolve));
    return;
  }
  await new Promise<void>((resolve) => {
    const proceed = (): void => {
      response.off('drain', proceed).off('close', proceed);
      resolve();
    };
    response.on('drain', proceed).on('close', proceed);
  });
}
