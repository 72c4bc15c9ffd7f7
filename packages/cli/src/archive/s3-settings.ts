import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.js';

/** How to reach S3, and as whom. */
export interface S3Settings {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly region: string;
  /** Address of the server, without a slash at its end. */
  readonly endpoint: string;
}

type Section = Readonly<Record<string, string>>;

/**
 * The settings as every AWS tool takes them: the environment, else the profile's part of the shared files. Never from an
 * argument, which everybody on the machine could read.
 *
 * @throws {Failure} when something is missing: it names every place where it is looked for.
 */
export async function s3Settings(env: NodeJS.ProcessEnv = process.env): Promise<S3Settings> {
  const profile = env.AWS_PROFILE || 'default';
  const folder = join(env.HOME || homedir(), '.aws');
  const credentialsFile = env.AWS_SHARED_CREDENTIALS_FILE || join(folder, 'credentials');
  const configFile = env.AWS_CONFIG_FILE || join(folder, 'config');
  const config = await section(configFile, profile === 'default' ? profile : `profile ${profile}`);
  const shared: Section = { ...config, ...(await section(credentialsFile, profile)) };
  const fromEnvironment = Boolean(env.AWS_ACCESS_KEY_ID || env.AWS_SECRET_ACCESS_KEY);
  const accessKeyId = fromEnvironment ? env.AWS_ACCESS_KEY_ID : shared.aws_access_key_id;
  const secretAccessKey = fromEnvironment ? env.AWS_SECRET_ACCESS_KEY : shared.aws_secret_access_key;
  const sessionToken = fromEnvironment ? env.AWS_SESSION_TOKEN : shared.aws_session_token;
  if (!accessKeyId || !secretAccessKey) {
    throw new Failure(
      'there are no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ' +
        `aws_access_key_id and aws_secret_access_key in ${credentialsFile}, [${profile}] (AWS_PROFILE)`,
    );
  }
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || shared.region || 'us-east-1';
  const named = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || shared.endpoint_url;
  const endpoint = named ? addressOf(named) : `https://s3.${region}.amazonaws.com`;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }), region, endpoint };
}

function addressOf(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search) {
    // It is not shown: what else it holds may be secret.
    throw new Failure('AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL must be an http or https address without credentials');
  }
  return url.href.replace(/\/+$/, '');
}

/** One part of a file of the AWS tools: `[name]`, then `key = value`. None where there is no such file. */
async function section(path: string, wanted: string): Promise<Section> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new Failure(`${path} can't be read (${code})`);
  }
  const values: Record<string, string> = {};
  let current: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*(.*?)\s*\]\s*$/.exec(line);
    if (heading) current = heading[1];
    const [, key, value] = /^([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key && value && current === wanted) values[key] = value;
  }
  return values;
}
