import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { SimulatedAccount } from '../simulator.js';
import { htmlPage, MALFORMED_JSON, nullRows, withExtraFields } from './broken-bodies.js';
import { drip, sendEndlessList, sendHugeFile } from './endless-bodies.js';
import type { Fault, StrikingRules } from './fault-plan.js';
import { interceptAnswer, replaceAnswer, sendInstead, type WholeAnswer } from './intercepted-answer.js';

const readBody = express.json({ limit: '15mb' });
const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Makes the requests of an account go wrong as its fault plan says. The fault that struck is in
 * `response.locals.fault`; `cursor-expired` is left to the API behind, which knows its cursors.
 */
export function applyFaults(
  accountOf: (request: Request) => SimulatedAccount | undefined,
  pathOf: (request: Request) => string = (request) => request.path,
  which: StrikingRules = 'all',
): RequestHandler {
  const earlier = new WeakMap<SimulatedAccount, Map<string, WholeAnswer>>();

  return async (request, response, next) => {
    const account = accountOf(request);
    if (account === undefined) return next();
    const path = pathOf(request);
    const fault = account.faults.strike(request.method, path, which);
    (response.locals as Record<string, unknown>)['fault'] = fault;
    const repeatsPages = account.faults.list().some((rule) => rule.fault.kind === 'duplicate-page');
    const route = `${request.method} ${path}`;
    const answers = earlier.get(account) ?? new Map<string, WholeAnswer>();
    earlier.set(account, answers);
    if (fault === undefined) {
      if (repeatsPages) rememberAnswer(response, answers, route);
      else answers.clear();
      return next();
    }
    await strike(fault, account, request, response, next, answers.get(route));
  };
}

async function strike(
  fault: Fault,
  account: SimulatedAccount,
  request: Request,
  response: Response,
  next: NextFunction,
  before: WholeAnswer | undefined,
): Promise<void> {
  switch (fault.kind) {
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'empty-reply':
      request.socket.end();
      return;
    case 'stall':
      response.status(200).setHeader('Content-Type', JSON_TYPE);
      response.flushHeaders();
      return;
    case 'endless':
      return sendEndlessList(response, account.provider);
    case 'huge-file':
      return sendHugeFile(response, fault.bytes);
    case 'status':
      response.set(fault.headers ?? {});
      sendStatus(response, fault.status, fault.body);
      return;
    case 'html':
      response.status(fault.status).type('html').send(htmlPage(fault.status));
      return;
    case 'redirect':
      response.status(fault.status).set('Location', fault.location).end();
      return;
    case 'malformed-json':
      response.status(200).set('Content-Type', JSON_TYPE).send(MALFORMED_JSON);
      return;
    case 'nulls':
      response.status(200).set('Content-Type', JSON_TYPE).send(nullRows(account.provider, fault.rows));
      return;
    case 'latency':
      await wait(fault.ms + Math.random() * (fault.jitterMs ?? 0), undefined, { ref: false });
      if (!response.destroyed) next();
      return;
    case 'answer-lost':
      interceptAnswer(response, () => request.socket.destroy());
      return next();
    case 'status-after':
      interceptAnswer(response, () => sendStatus(response, fault.status, fault.body));
      return next();
    case 'slow-answer':
      interceptAnswer(response, (answer) => {
        setTimeout(() => replaceAnswer(response, answer), fault.ms).unref();
      });
      return next();
    case 'applied-late':
      // The body has to be here before the connection ends; whoever parses it later finds it parsed.
      readBody(request, response, () => {
        // Nobody gets the answer; ending it tells those who wait for the end.
        interceptAnswer(response, () => response.end());
        request.socket.destroy();
        setTimeout(next, fault.ms).unref();
      });
      return;
    case 'truncated-json':
      interceptAnswer(response, ({ body }) => sendInstead(response, body.subarray(0, Math.floor(body.byteLength / 2))));
      return next();
    case 'extra-fields':
      interceptAnswer(response, ({ body }) => sendInstead(response, withExtraFields(body)));
      return next();
    case 'slow-drip':
      interceptAnswer(response, ({ body }) => {
        // Nothing is lost by a rejection here: it means that the client is gone.
        drip(response, body, fault.bytesPerSecond).catch(() => response.destroy());
      });
      return next();
    case 'duplicate-page':
      // The API still works out the real answer, so that requests are counted and limited as ever.
      interceptAnswer(response, (answer) => replaceAnswer(response, before ?? answer));
      return next();
    case 'cursor-expired':
      return next();
  }
}

function sendStatus(response: Response, status: number, body = ''): void {
  for (const name of ['Content-Length', 'ETag']) response.removeHeader(name);
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', JSON_TYPE);
  response.status(status).end(body);
}

function rememberAnswer(response: Response, answers: Map<string, WholeAnswer>, route: string): void {
  interceptAnswer(response, (answer) => {
    if (answer.status === 200) answers.set(route, answer);
    replaceAnswer(response, answer);
  });
}
