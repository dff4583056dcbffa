import { Module } from '@nestjs/common';
import { BillingController } from './billing.controller.js';
import { Credits } from './credits.js';

@Module({ controllers: [BillingController], providers: [Credits], exports: [Credits] })
export class BillingModule {}
