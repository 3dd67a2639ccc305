"""A topic that was made anew has another id; one that there is not has none."""

from aiokafka.admin import AIOKafkaAdminClient

from services.chassis.topics import make_and_count
from services.projector.topic_id import topic_id
from tests.pipeline import a_topic
from tests.waiting import wait_until


async def test_a_topic_has_an_id_as_soon_as_it_is_made(kafka_bootstrap: str):
    for _ in range(5):
        topic = a_topic()
        await make_and_count(kafka_bootstrap, topic)
        assert await topic_id(kafka_bootstrap, topic.name)


async def test_a_topic_made_anew_has_another_id(kafka_bootstrap: str):
    topic = a_topic()
    await make_and_count(kafka_bootstrap, topic)
    before = await topic_id(kafka_bootstrap, topic.name)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.delete_topics([topic.name])
    await admin.close()

    async def gone() -> bool:
        return await topic_id(kafka_bootstrap, topic.name) is None

    await wait_until(gone, "the topic is gone")
    await make_and_count(kafka_bootstrap, topic)
    assert await topic_id(kafka_bootstrap, topic.name) not in {None, before}
