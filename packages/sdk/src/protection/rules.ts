/** What stands in place of a secret: `[removed:<kind>]`. */
export function removed(kind: string): string {
  return `[removed:${kind}]`;
}

/** How one kind of secret is found and replaced. */
interface Rule {
  /**
   * Global. Linear in the length of the text: a run of unbounded length can begin in one place only (a lookbehind on the
   * run's own characters), or right after what the pattern consumed; all else is bounded.
   */
  readonly pattern: RegExp;
  /** What a match becomes. A match that only looks like a secret is returned as it was. */
  replace(match: string, ...groups: string[]): string;
}

/** Rules that share a cheap test: where it fails, none of them can match. */
export interface RuleGroup {
  readonly marker: RegExp;
  readonly rules: readonly Rule[];
}

const whole = (kind: string, pattern: RegExp): Rule => ({ pattern, replace: () => removed(kind) });

/** Keeps the first group, such as a header's name, and removes the rest of the match. */
const rest = (kind: string, pattern: RegExp): Rule => ({ pattern, replace: (_, kept) => kept + removed(kind) });

/** Discord's bot tokens begin with the bot's user id: digits, in base64. */
function isDiscordId(base64: string): boolean {
  return /^\d{15,21}$/.test(Buffer.from(base64, 'base64url').toString('latin1'));
}

/** Tokens that are known by how they look. */
const TOKENS: RuleGroup = {
  marker:
    /PRIVATE KEY|\d(?::|%3[aA])[\w-]{35}|xox[a-z][-.]|xapp-|\/(?:services|workflows|triggers|commands|actions|app)\/[TE][A-Z0-9]|\/upload\/v\d|\d\.[0-9a-f]{16}|(?:hooks|files)\.slack\.com|\/(?:webhooks|interactions)\/\d|aW50ZXJhY3Rpb24|\.[\w-]{6}\.[\w-]{27}|sk-|[sr]k_|gh[pousr]_|github_pat_|A(?:KIA|SIA|BIA|CCA)|AIza|eyJ/,
  rules: [
    // Without its end line the rest of the text is key.
    whole(
      'private_key',
      /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|[\s\S]*)/g,
    ),
    // Also in a URL, after /bot, with the colon as it is or encoded.
    whole('telegram_bot_token', /(?<!\d)\d{5,16}(?::|%3[aA])(?:AA[\w-]{33,}|[\w-]{35}(?![\w-]))/g),
    whole('slack_token', /(?<![\w-])(?:xox[a-z]\.)?(?:xox[a-z]|xapp)-[\w-]{10,}/g),
    rest('slack_webhook', /(hooks\.slack\.com\/(?:services|workflows|triggers|commands|actions|app)\/)[\w/-]{8,}/g),
    // Under any host: Slack has several, and proxies have theirs.
    rest('slack_webhook', /(\/(?:services|workflows|triggers|commands|actions|app)\/[TE][A-Z0-9]{6,20}\/)[\w/-]{8,}/g),
    rest('slack_upload_url', /(\/upload\/v\d{1,3}\/)[\w/-]{16,}/g),
    whole('slack_trigger_id', /(?<![\w.])\d{6,16}\.(?:\d{6,16}\.)?[0-9a-f]{16,40}(?!\w)/g),
    rest('slack_upload_url', /(files\.slack\.com\/upload\/v\d+\/)[\w/-]{8,}/g),
    {
      pattern: /(?<![\w-])([\w-]{20,30})\.[\w-]{6}\.[\w-]{27,}/g,
      replace: (match, id) => (isDiscordId(id ?? '') ? removed('discord_bot_token') : match),
    },
    rest('discord_interaction_token', /(\/(?:webhooks|interactions)\/\d{15,21}\/)aW50ZXJhY3Rpb24[\w.=+-]{10,}/g),
    rest('discord_interaction_token', /(\/interactions\/\d{15,21}\/)[\w.=+-]{20,}/g),
    rest('discord_webhook_token', /(\/webhooks\/\d{15,21}\/)[\w.=+-]{20,}/g),
    whole('discord_interaction_token', /(?<![\w-])aW50ZXJhY3Rpb24[\w=+/-]{20,}/g),
    whole('anthropic_api_key', /(?<![\w-])sk-ant-[\w-]{16,}/g),
    whole('openai_api_key', /(?<![\w-])sk-(?:(?:proj|svcacct|admin|None|or)-[\w-]{16,}|[A-Za-z0-9]{20,}[\w-]*)/g),
    whole('stripe_api_key', /(?<!\w)[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g),
    whole('github_token', /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/g),
    whole('aws_access_key_id', /(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g),
    whole('google_api_key', /(?<![\w-])AIza[\w-]{35}(?![\w-])/g),
    // Signed ones have three parts, the second JSON as well; encrypted ones have five, of which the second may be empty.
    whole('jwt', /(?<![\w-])eyJ[\w-]{10,}\.(?:eyJ[\w-]{5,}\.[\w-]*|[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+)/g),
  ],
};

/** `Basic` is a word too: what follows must be `user:password` in base64. */
function isBasicCredentials(base64: string): boolean {
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(base64, 'base64').toString('latin1'));
}

/** What HTTP headers carry. */
const HEADERS: RuleGroup = {
  marker: /bearer\s|basic\s|authorization|cookie/i,
  rules: [
    {
      // "Bearer authentication" is prose: a token has a digit, or is long.
      pattern: /\b(bearer\s{1,5})([\w.~+/=-]{8,})/gi,
      replace: (match, scheme, token = '') =>
        token.length >= 24 || /\d/.test(token) ? scheme + removed('bearer_token') : match,
    },
    {
      pattern: /\b(basic\s{1,5})([A-Za-z0-9+/_-]{4,}={0,2})/gi,
      replace: (match, scheme, base64 = '') =>
        isBasicCredentials(base64) ? scheme + removed('basic_credentials') : match,
    },
    rest(
      'authorization',
      /(authorization\\?["']?\s{0,5}[:=]\s{0,5}\\?["']?)(?!(?:[\w-]+\s{1,5})?\[removed:)(?:(?:Digest|OAuth|AWS4-HMAC-SHA256)[^\r\n]*|[^\s"',;\\]+(?: {1,5}[^\s"',;\\]+)?)/gi,
    ),
    rest('cookie', /(cookie\\?["']?\s{0,5}:\s{0,5}\\?["']?)(?!\[removed:)[^\s=;"',[\]]{1,200}=[^\r\n"']*/gi),
  ],
};

/** Names that say that their value is a secret, at the end of a longer one too: `bot_token`. */
const SECRET_NAME =
  'token|secret|password|passwd|passphrase|pwd|api[_-]?key|access[_-]?key|private[_-]?key|signature|credentials?';

/** What URLs, forms, JSON and settings within a text carry. */
const NAMED: RuleGroup = {
  marker: /[=@]|(?:token|secret|passw(?:or)?d|passphrase|pwd|key|signature|credentials?)\\?["']\s{0,3}:/i,
  rules: [
    {
      // A user alone is a name (git@), unless it is as long as a token.
      pattern: /(?<=:\/\/)([^\s/?#"'<>]+)@/g,
      replace: (match, user = '') =>
        user.includes(':') || user.length >= 16 ? `${removed('url_credentials')}@` : match,
    },
    rest(
      'url_parameter',
      new RegExp(
        `([?&;#](?:[\\w.-]{0,64}(?:${SECRET_NAME}|auth|session[_-]?id)|code|sig|key|sid|session|jwt)=)(?!\\[removed:)[^&;#\\s"'<>]+`,
        'gi',
      ),
    ),
    // name=value, and "name": "value"; but not name: value, which is prose.
    rest(
      'named_secret',
      new RegExp(
        `(?<![\\w.-])((?:[\\w.-]{0,64}(?:${SECRET_NAME})(?:\\s{0,3}=|\\\\?["']\\s{0,3}[:=])\\s{0,3}))(?![=>~])(?!\\\\?["']?\\[removed:)` +
          `(?:"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?|\\\\"(?:[^"\\\\]|\\\\(?!").)*(?:\\\\")?|[^\\s,;&"'\\\\}\\])]+)`,
        'gi',
      ),
    ),
  ],
};

export const RULE_GROUPS: readonly RuleGroup[] = [TOKENS, HEADERS, NAMED];

const SECRET_KEY = new RegExp(
  `(?:^|[._-])(?:${SECRET_NAME}|(?:response|upload)[_-]?url|trigger[_-]?id|(?:set[_-]?)?cookie|(?:proxy[_-]?)?authorization)$`,
);

/** Whether the name of a map's member says that its value is a secret: `password`, `X-Api-Key`, `accessToken`. */
export function isSecretName(name: string): boolean {
  // camelCase has its words parted, so that botToken is one and nottoken is none.
  return name.length <= 200 && SECRET_KEY.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase());
}
