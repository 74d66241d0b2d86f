"""Who a person is, where Cognito exists; elsewhere the stage names an OpenID provider."""

from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.foundation import Foundation
from infra.plume_stack import PlumeStack
from infra.stage import Login, Target


class IdentityStack(PlumeStack):
    """The login, as the authorizer sees it: issuer, keys, client."""

    def __init__(self, scope: Construct, foundation: Foundation) -> None:
        super().__init__(scope, "Identity", foundation.stage, "login.")
        self._foundation = foundation
        self.login = self._cognito()
        self.output("Issuer", self.login.issuer)
        self.output("UserPoolClientId", self.login.client_id)

    def _cognito(self) -> Login:
        pool = self._pool()
        client = self._client(pool)
        self.output("UserPoolId", pool.user_pool_id)
        issuer = f"https://cognito-idp.{self.region}.{self.url_suffix}/{pool.user_pool_id}"
        local = self._foundation.stage.endpoint
        keys = f"{local}/{pool.user_pool_id}" if local else issuer
        return Login(
            issuer=issuer,
            jwks_url=f"{keys}/.well-known/jwks.json",
            client_id=client.user_pool_client_id,
        )

    def _pool(self) -> cognito.UserPool:
        """Give a pool that administrators fill.

        Cognito itself locks a name out, longer each time, from the fifth wrong password on; in
        AWS it also refuses passwords known to have leaked and logins that look stolen.
        """
        local = self._foundation.stage.target is Target.LOCAL
        return cognito.UserPool(
            self,
            "People",
            user_pool_name="plume",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True),
            sign_in_case_sensitive=False,
            password_policy=_PASSWORDS,
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.NONE,
            feature_plan=None if local else cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=(
                None if local else cognito.StandardThreatProtectionMode.FULL_FUNCTION
            ),
            deletion_protection=self._foundation.stage.care.keeps_data,
            removal_policy=self._foundation.removal,
        )

    def _client(self, pool: cognito.UserPool) -> cognito.UserPoolClient:
        return pool.add_client(
            "Web",
            auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
            disable_o_auth=True,
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.minutes(30),
            id_token_validity=Duration.minutes(30),
            refresh_token_validity=Duration.hours(12),
            auth_session_validity=Duration.minutes(3),
        )


_PASSWORDS = cognito.PasswordPolicy(
    min_length=12,
    require_digits=True,
    require_lowercase=True,
    require_uppercase=True,
    require_symbols=True,
    password_history_size=5,
    temp_password_validity=Duration.days(3),
)
