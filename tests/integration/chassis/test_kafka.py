from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.chassis import kafka
from services.chassis.kafka import Topic


async def settings(bootstrap: str, topic: str) -> dict[str, str | None]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    return {entry[0]: entry[1] for resource in answer.resources for entry in resource[4]}


async def test_topics_are_made_once_with_their_settings(kafka_bootstrap: str) -> None:
    wanted = kafka.events_topic(3)
    topic = Topic("made-once", wanted.partitions, configs=wanted.configs)
    assert await kafka.make_topics(kafka_bootstrap, [topic]) == ["made-once"]
    assert await kafka.make_topics(kafka_bootstrap, [topic]) == []
    assert dict(topic.configs).items() <= (await settings(kafka_bootstrap, "made-once")).items()
