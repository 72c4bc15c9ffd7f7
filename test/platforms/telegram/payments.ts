import { randomBytes } from 'node:crypto';
import type {
  LabeledPrice,
  Message,
  OrderInfo,
  ShippingOption,
  StarTransaction,
  SuccessfulPayment,
  User,
} from 'grammy/types';
import type { BotAccount } from './bot-account.ts';
import type { TelegramChat } from './chat.ts';
import type { WaitOptions } from './signal.ts';
import type { World } from './world.ts';

/** What an invoice asks for. */
export interface InvoiceTerms {
  readonly bot: BotAccount;
  readonly payload: string;
  /** `XTR` are Telegram's stars. */
  readonly currency: string;
  readonly prices: readonly LabeledPrice[];
  /** Whether the price depends on where to ship to. */
  readonly flexible: boolean;
}

/** Money that was taken. */
export interface Charge {
  readonly id: string;
  readonly bot: BotAccount;
  readonly user: User;
  readonly chat: TelegramChat;
  readonly payment: SuccessfulPayment;
  readonly date: number;
  refunded: boolean;
}

/** How far a payment got. */
export type PaymentState = 'shipping' | 'checkout' | 'paid' | 'declined';

/** Where an order is to be sent. */
const HOME = {
  country_code: 'AT',
  state: '',
  city: 'Wien',
  street_line1: 'Ring 1',
  street_line2: '',
  post_code: '1010',
};

/** Invoices, and the money that was paid on them. */
export class Payments {
  readonly #invoices = new WeakMap<Message, InvoiceTerms>();
  readonly #links = new Map<string, InvoiceTerms>();
  readonly #charges = new Map<string, Charge>();

  remember(invoice: Message, terms: InvoiceTerms): void {
    this.#invoices.set(invoice, terms);
  }

  /** The terms of an invoice that a bot has posted. */
  termsOf(invoice: Message): InvoiceTerms {
    const terms = this.#invoices.get(invoice);
    if (!terms) throw new Error(`Message ${invoice.message_id} is no invoice of a bot`);
    return terms;
  }

  link(terms: InvoiceTerms): string {
    const link = `https://t.me/$${randomBytes(12).toString('base64url')}`;
    this.#links.set(link, terms);
    return link;
  }

  termsBehind(link: string): InvoiceTerms {
    const terms = this.#links.get(link);
    if (!terms) throw new Error(`No invoice stands behind ${link}`);
    return terms;
  }

  charge(id: string): Charge | undefined {
    return this.#charges.get(id);
  }

  take(charge: Charge): void {
    this.#charges.set(charge.id, charge);
    if (charge.payment.currency === 'XTR') charge.bot.stars += charge.payment.total_amount;
  }

  /** The stars that went to and from a bot, oldest first. */
  transactions(bot: BotAccount): StarTransaction[] {
    return [...this.#charges.values()]
      .filter((charge) => charge.bot === bot && charge.payment.currency === 'XTR')
      .flatMap(({ id, user, payment, date, refunded }) => {
        const partner = { type: 'user', transaction_type: 'invoice_payment', user } as const;
        const paid = { id, amount: payment.total_amount, date, source: partner };
        return refunded ? [paid, { id, amount: payment.total_amount, date, receiver: partner }] : [paid];
      });
  }
}

/** One person's way through one invoice: address, checkout, money. Each step waits for the bot's answer. */
export class Payment {
  readonly #world: World;
  readonly #chat: TelegramChat;
  readonly #user: User;
  readonly #terms: InvoiceTerms;
  state: PaymentState;
  /** Why the bot declined, in its words. */
  reason: string | undefined;
  /** The service message that says it was paid. */
  receipt: Message | undefined;

  constructor(world: World, chat: TelegramChat, user: User, terms: InvoiceTerms) {
    this.#world = world;
    this.#chat = chat;
    this.#user = user;
    this.#terms = terms;
    this.state = terms.flexible ? 'shipping' : 'checkout';
    if (terms.flexible) this.#askForShipping();
    else this.#askForCheckout();
  }

  /** Waits until it was paid or declined. */
  async settled(options: WaitOptions = {}): Promise<'paid' | 'declined'> {
    return this.#world.signal.until(
      () => (this.state === 'paid' || this.state === 'declined' ? this.state : undefined),
      { what: 'the payment to be settled', ...options },
    );
  }

  #askForShipping(): void {
    const { bot, payload } = this.#terms;
    const query = this.#world.queries.ask({
      kind: 'shipping',
      bot,
      from: this.#user,
      onAnswer: (answer) => {
        if (answer.ok !== true) return this.#decline(answer.error_message);
        const [option] = answer.shipping_options as ShippingOption[];
        this.#askForCheckout(option);
      },
    });
    const { id, from } = query;
    bot.queue.push({ shipping_query: { id, from, invoice_payload: payload, shipping_address: HOME } });
  }

  #askForCheckout(shipping?: ShippingOption): void {
    this.state = 'checkout';
    const { bot, payload, currency, prices } = this.#terms;
    const total = [...prices, ...(shipping?.prices ?? [])].reduce((sum, { amount }) => sum + amount, 0);
    const order: { shipping_option_id?: string; order_info?: OrderInfo } = shipping
      ? { shipping_option_id: shipping.id, order_info: { name: this.#user.first_name, shipping_address: HOME } }
      : {};
    const details = { currency, total_amount: total, invoice_payload: payload, ...order };
    const { id, from } = this.#world.queries.ask({
      kind: 'pre_checkout',
      bot,
      from: this.#user,
      onAnswer: (answer) => (answer.ok === true ? this.#pay(details) : this.#decline(answer.error_message)),
    });
    bot.queue.push({ pre_checkout_query: { id, from, ...details } });
  }

  #pay(details: Omit<SuccessfulPayment, 'telegram_payment_charge_id' | 'provider_payment_charge_id'>): void {
    const payment: SuccessfulPayment = {
      ...details,
      telegram_payment_charge_id: `stx${randomBytes(18).toString('base64url')}`,
      provider_payment_charge_id: `${this.#user.id}_${this.#world.uniqueId()}`,
    };
    const id = payment.telegram_payment_charge_id;
    const { bot } = this.#terms;
    const charge = { id, bot, user: this.#user, chat: this.#chat, payment, date: this.#world.now, refunded: false };
    this.#world.payments.take(charge);
    this.state = 'paid';
    this.receipt = this.#chat.post(this.#user, { successful_payment: payment });
  }

  #decline(reason: unknown): void {
    this.state = 'declined';
    this.reason = typeof reason === 'string' ? reason : undefined;
    this.#world.signal.notify();
  }
}
