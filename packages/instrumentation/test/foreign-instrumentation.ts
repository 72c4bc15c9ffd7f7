import { InstrumentationBase } from '@opentelemetry/instrumentation';

/** Another instrumentation of the same methods, as OpenTelemetry's are written. */
export class ForeignInstrumentation extends InstrumentationBase {
  /** The methods that were called, in order. */
  readonly calls: string[] = [];

  constructor() {
    super('other', '1.0.0', {});
  }

  protected override init(): void {}

  /** @param told what a call is told as; by default the method's name. */
  wrap(prototype: object, name: string, told: (args: readonly unknown[]) => string = () => name): void {
    const { calls } = this;
    this._wrap(prototype as Record<string, unknown>, name, (original: unknown) => {
      return function (this: unknown, ...args: unknown[]) {
        calls.push(told(args));
        return Reflect.apply(original as (...args: unknown[]) => unknown, this, args);
      };
    });
  }
}
