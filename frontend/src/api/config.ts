/** Where the platform's parts are: `/config.json`, written by the deployment. */

export interface Config {
  apiUrl: string;
  idp: { url: string; clientId: string; region: string };
  version: string;
}

let asked: Promise<Config> | undefined;

/** Ask once; a failed ask is asked again. */
export function config(): Promise<Config> {
  asked ??= ask().catch((fault: unknown) => {
    asked = undefined;
    throw fault;
  });
  return asked;
}

async function ask(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json: HTTP ${answer.status}`);
  return (await answer.json()) as Config;
}
