import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { DeliveryRequest } from '../webhooks/raw-body.js';
import { WebhookIntake } from '../webhooks/webhook-intake.js';

/**
 * Where ATSs deliver. `WebhookDeliveryMiddleware` answers before any guard, pipe or interceptor of the host: an ATS has no
 * session, and the hook's id and the signature say whose delivery it is. Declared as a route so that it has a path and a
 * description, and answers in the same way should a host leave the middleware out.
 */
@Controller('webhooks')
export class WebhookDeliveryController {
  constructor(private readonly intake: WebhookIntake) {}

  @Post(':provider/:hookId')
  @HttpCode(200)
  async deliver(@Req() request: DeliveryRequest, @Res() response: ServerResponse): Promise<void> {
    await this.intake.answer(request, response);
  }
}
