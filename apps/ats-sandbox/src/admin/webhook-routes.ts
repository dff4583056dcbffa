import type { Router } from 'express';
import { z } from 'zod';
import type { SandboxParts } from '../server/sandbox-parts.js';
import { AdminError } from './admin-error.js';
import { findAccount, readAdmin, refusing, refusingLater } from './find-account.js';

const url = z.url({ protocol: /^https?$/ });
const secret = z.string().min(1).exactOptional();

const schemas = {
  hook: z.strictObject({
    event: z.string(),
    url,
    secret,
    name: z.string().min(1).exactOptional(),
    signed: z.boolean().exactOptional(),
  }),
  change: z.strictObject({ active: z.boolean().exactOptional(), url: url.exactOptional(), secret }),
  toggle: z.strictObject({ events: z.union([z.literal('all'), z.array(z.string())]), on: z.boolean() }),
  flush: z.strictObject({ all: z.boolean().default(false) }).default({ all: false }),
  deliveries: z.object({
    state: z.enum(['pending', 'delivered', 'failed', 'lost']).optional(),
    event: z.string().optional(),
    offset: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(10_000).default(1000),
  }),
  delivery: z.coerce.number().int().min(1),
} as const;

/** What an admin of the vendor's account does with webhooks in its settings, and what becomes of deliveries. */
export function mountWebhookRoutes(router: Router, parts: SandboxParts): void {
  router.get('/accounts/:id/webhooks', (request, response) => {
    response.json(findAccount(parts, request).webhooks.list());
  });
  router.post('/accounts/:id/webhooks', async (request, response) => {
    const { webhooks } = findAccount(parts, request);
    const wanted = readAdmin(schemas.hook, request.body);
    response.status(201).json(await refusingLater(() => webhooks.add(wanted)));
  });
  router.patch('/accounts/:id/webhooks/:hook', async (request, response) => {
    const { webhooks } = findAccount(parts, request);
    const wanted = readAdmin(schemas.change, request.body);
    response.json(await refusingLater(() => webhooks.change(request.params.hook, wanted)));
  });
  router.delete('/accounts/:id/webhooks/:hook', (request, response) => {
    const { webhooks } = findAccount(parts, request);
    refusing(() => webhooks.remove(request.params.hook));
    response.status(204).end();
  });
  router.post('/accounts/:id/webhooks/:hook/test', async (request, response) => {
    const { webhooks } = findAccount(parts, request);
    response.json({ delivered: await refusingLater(async () => webhooks.test(request.params.hook)) });
  });
  router.put('/accounts/:id/webhook-events', (request, response) => {
    const { webhooks } = findAccount(parts, request);
    const { events, on } = readAdmin(schemas.toggle, request.body);
    refusing(() => webhooks.toggle(events, on));
    response.json(webhooks.list());
  });

  router.get('/accounts/:id/deliveries', (request, response) => {
    const { outbox } = findAccount(parts, request).webhooks;
    const { state, event, offset, limit } = readAdmin(schemas.deliveries, request.query);
    response.json(outbox.list({ state, event }).slice(offset, offset + limit));
  });
  router.delete('/accounts/:id/deliveries', (request, response) => {
    findAccount(parts, request).webhooks.outbox.clear();
    response.status(204).end();
  });
  router.post('/accounts/:id/deliveries/flush', async (request, response) => {
    const { outbox } = findAccount(parts, request).webhooks;
    response.json(await outbox.flush(readAdmin(schemas.flush, request.body).all));
  });
  router.post('/accounts/:id/deliveries/:delivery/resend', async (request, response) => {
    const { outbox } = findAccount(parts, request).webhooks;
    const sent = await outbox.resend(readAdmin(schemas.delivery, request.params.delivery));
    if (sent === undefined) throw new AdminError(404, `There is no delivery ${request.params.delivery}.`);
    response.json(sent);
  });
}

/** What apps wrote through the API. */
export function mountWriteRoutes(router: Router, parts: SandboxParts): void {
  router.get('/accounts/:id/writes', (request, response) => {
    const { writes } = findAccount(parts, request);
    response.json({ writes: writes.list(), effects: writes.effects() });
  });
  router.delete('/accounts/:id/writes', (request, response) => {
    findAccount(parts, request).writes.clear();
    response.status(204).end();
  });
}
