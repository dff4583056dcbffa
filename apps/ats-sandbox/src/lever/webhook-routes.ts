import type { z } from 'zod';
import type { ApiHandler, ApiRequest } from './api-request.js';
import { badRequest } from './lever-error.js';
import { singleReply } from './list-reply.js';
import type { View } from './views.js';
import { changedHooksSchema, newHookSchema, type LeverHook } from './webhooks/hook-rows.js';

/** GET /webhooks: those of the calling app or key; neither `hasNext` nor the token that they are signed with. */
export const listWebhooks: ApiHandler = (request) => ({
  body: { data: request.account.webhooks.ownedBy(ownerOf(request)).map((hook) => hookView(hook)) },
});

/** POST /webhooks: the only answer that shows the token which deliveries are signed with. */
export const postWebhook: ApiHandler = (request) => {
  const hook = request.account.webhooks.create(bodyOf(request, newHookSchema), ownerOf(request));
  const view = hookView(hook, { signatureToken: hook.signatureToken });
  const { body } = singleReply(view) as { readonly body: unknown };
  return { status: 201, body: request.account.settings.webhookDoubleWrapped ? { data: body } : body };
};

/** PUT /webhooks: several at once. */
export const putWebhooks: ApiHandler = (request) => {
  const owner = ownerOf(request);
  const { data } = bodyOf(request, changedHooksSchema);
  return { body: { data: request.account.webhooks.updateAll(data, owner).map((hook) => hookView(hook)) } };
};

/** DELETE /webhooks/:id */
export const deleteWebhook: ApiHandler = (request) => {
  request.account.webhooks.delete(request.params['id'] ?? '', ownerOf(request));
  return { status: 204, body: undefined };
};

function hookView({ id, event, url, origins, createdAt, updatedAt }: LeverHook, secret: View = {}): View {
  const configuration = { ...(origins === null ? {} : { conditions: { origins } }), ...secret };
  return { id, event, url, configuration, createdAt, updatedAt };
}

function ownerOf({ access }: ApiRequest): string {
  return access.clientId ?? `key of ${access.userId}`;
}

function bodyOf<Shape extends z.ZodType>({ body }: ApiRequest, shape: Shape): z.output<Shape> {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw badRequest(sentences.join('; '));
}
