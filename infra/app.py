"""Plume as it is deployed: `cdk deploy --all -c target=global|china|local -c stage=dev|prod`."""

from aws_cdk import App

from infra.api_stack import ApiStack
from infra.command_stack import CommandStack
from infra.data_stack import DataStack
from infra.edge_components_stack import EdgeComponentsStack
from infra.edge_stack import EdgeStack
from infra.identity_stack import IdentityStack
from infra.ingest_stack import IngestStack
from infra.judge_stack import JudgeStack
from infra.series_stack import SeriesStack
from infra.stage import stage_of
from infra.web_stack import WebStack


def build(app: App) -> App:
    """Put every stack of the stage into the app; no AWS is asked."""
    stage = stage_of(app.node)
    data = DataStack(app, stage)
    series = SeriesStack(app, data.foundation)
    command = CommandStack(app, data)
    judge = JudgeStack(app, data, command, series.store)
    IngestStack(app, data, judge, series.store, command)
    edge = EdgeStack(app, data, judge.findings)
    if stage.greengrass:
        EdgeComponentsStack(app, stage, edge)
    login = stage.login or IdentityStack(app, data.foundation).login
    api = ApiStack(app, data, login, series.store, command)
    WebStack(app, data, login, api)
    return app


if __name__ == "__main__":
    build(App()).synth()
