/** Login at the user pool: InitiateAuth and its challenges, by plain fetch. */

import { config } from "./config";

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

export type ChallengeName = "NEW_PASSWORD_REQUIRED" | "SOFTWARE_TOKEN_MFA";

export interface Challenge {
  challenge: ChallengeName;
  username: string;
  session: string;
}

/** Wrong name, wrong password, wrong code, unknown or disabled account: never which of them. */
export class LoginRefused extends Error {
  constructor(readonly kind: string) {
    super("login refused");
    this.name = "LoginRefused";
  }
}

interface CognitoAnswer {
  AuthenticationResult?: { AccessToken: string; RefreshToken?: string; ExpiresIn?: number };
  ChallengeName?: string;
  ChallengeParameters?: Record<string, string>;
  Session?: string;
}

const CODE_OF: Record<ChallengeName, string> = {
  NEW_PASSWORD_REQUIRED: "NEW_PASSWORD",
  SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE",
};

export async function logIn(username: string, password: string): Promise<Tokens | Challenge> {
  const answer = await tell("InitiateAuth", {
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: username, PASSWORD: password },
  });
  return outcome(answer, username, "");
}

export async function answerChallenge(
  given: Challenge,
  answer: string,
): Promise<Tokens | Challenge> {
  const responses = { USERNAME: given.username, [CODE_OF[given.challenge]]: answer };
  const told = await tell("RespondToAuthChallenge", {
    ChallengeName: given.challenge,
    Session: given.session,
    ChallengeResponses: responses,
  });
  return outcome(told, given.username, "");
}

export async function refresh(refreshToken: string): Promise<Tokens> {
  const answer = await tell("InitiateAuth", {
    AuthFlow: "REFRESH_TOKEN_AUTH",
    AuthParameters: { REFRESH_TOKEN: refreshToken },
  });
  const found = outcome(answer, "", refreshToken);
  if ("challenge" in found) throw new LoginRefused(found.challenge);
  return found;
}

function outcome(answer: CognitoAnswer, username: string, kept: string): Tokens | Challenge {
  const result = answer.AuthenticationResult;
  if (result) {
    return {
      accessToken: result.AccessToken,
      refreshToken: result.RefreshToken ?? kept,
      expiresAt: Date.now() + (result.ExpiresIn ?? 3600) * 1000,
    };
  }
  const challenge = answer.ChallengeName ?? "";
  if (!(challenge in CODE_OF)) throw new LoginRefused(challenge);
  return {
    challenge: challenge as ChallengeName,
    username: answer.ChallengeParameters?.["USER_ID_FOR_SRP"] ?? username,
    session: answer.Session ?? "",
  };
}

async function tell(action: string, body: object): Promise<CognitoAnswer> {
  const { idp } = await config();
  const answer = await fetch(idp.url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify({ ClientId: idp.clientId, ...body }),
  });
  if (answer.ok) return (await answer.json()) as CognitoAnswer;
  if (answer.status >= 500) throw new Error(`idp: HTTP ${answer.status}`);
  throw new LoginRefused(await refusal(answer));
}

async function refusal(answer: Response): Promise<string> {
  const said = (await answer.json().catch(() => ({}))) as { __type?: string };
  return (said.__type ?? "").split("#").pop() ?? "";
}
