"""TagResource, UntagResource, ListTagsOfResource, and the Tags of CreateTable."""
import pytest

from harness.tables import invalid, refused, schema, unique, wait_active
from harness.waiting import wait_for

TOO_MANY = "Number of Tags exceed the current limit for the provided ResourceArn"


@pytest.fixture(scope="module")
def table(db, make_table):
    return db.describe_table(TableName=make_table(schema("pk", indexes=[("gsi", ["a"])])))["Table"]


@pytest.fixture
def arn(db, make_table):
    return db.describe_table(TableName=make_table(schema("pk")))["Table"]["TableArn"]


def tags_of(db, arn):
    return {tag["Key"]: tag["Value"] for tag in db.list_tags_of_resource(ResourceArn=arn)["Tags"]}


def expect(db, arn, tags):
    wait_for("the tags", lambda: tags_of(db, arn) == tags)


def tag(db, arn, **tags):
    db.tag_resource(ResourceArn=arn, Tags=[{"Key": k, "Value": v} for k, v in tags.items()])


def test_a_new_table_has_none(db, arn):
    assert db.list_tags_of_resource(ResourceArn=arn)["Tags"] == []


def test_tags_are_added_replaced_and_removed(db, arn):
    tag(db, arn, a="1", b="")
    expect(db, arn, {"a": "1", "b": ""})
    tag(db, arn, a="2", A="other case")
    expect(db, arn, {"a": "2", "b": "", "A": "other case"})
    db.untag_resource(ResourceArn=arn, TagKeys=["b", "absent"])
    expect(db, arn, {"a": "2", "A": "other case"})


def test_the_answer_of_a_change_has_no_body(raw, arn):
    answer = raw.post("TagResource", {"ResourceArn": arn, "Tags": [{"Key": "k", "Value": "v"}]})
    assert answer.status == 200 and answer.body == b"" and answer.crc_matches
    assert answer.headers["content-length"] == "0"


def test_tags_of_create_table(db):
    name = unique("t")
    made = db.create_table(TableName=name, **schema("pk"), Tags=[{"Key": "team", "Value": "a"}, {"Key": "x", "Value": ""}])
    wait_active(db, name)
    expect(db, made["TableDescription"]["TableArn"], {"team": "a", "x": ""})
    assert "Tags" not in db.describe_table(TableName=name)["Table"]
    db.delete_table(TableName=name)


def test_an_empty_list_of_tags_makes_a_table(db):
    name = unique("t")
    db.create_table(TableName=name, **schema("pk"), Tags=[])
    wait_active(db, name)
    db.delete_table(TableName=name)


@pytest.mark.parametrize("tags,text", [
    ([{"Key": "aws:foo", "Value": ""}], "Tag Key cannot be prefixed with aws:, Key: aws:foo"),
    ([{"Key": "k" * 129, "Value": ""}], "The Tag Key provided is invalid, Key: " + "k" * 129),
    ([{"Key": f"k{i}", "Value": ""} for i in range(51)], TOO_MANY),
    ([{"Key": "dup", "Value": "1"}, {"Key": "dup", "Value": "2"}], "Duplicate Tag Keys provided as input: Duplicate Tag Key found dup"),
    ([{"Key": "a#b", "Value": ""}], "The Tag Key provided is invalid, Key: a#b"),
    ([{}], "The Tag Key provided is invalid, Key: null"),
])
def test_bad_tags_make_no_table(raw, db, tags, text):
    name = unique("t")
    with invalid(text):
        raw.call("CreateTable", TableName=name, Tags=tags, **schema("pk"))
    with refused("ResourceNotFoundException"):
        db.describe_table(TableName=name)


@pytest.mark.parametrize("tag,text", [
    ({"Key": "", "Value": ""}, "The Tag Key provided is invalid, Key: "),
    ({"Key": "v" * 129, "Value": ""}, "The Tag Key provided is invalid, Key: " + "v" * 129),
    ({"Key": "k", "Value": "v" * 257}, "The Tag Value provided is invalid, Value: " + "v" * 257),
    ({"Key": "k"}, "The Tag Value provided is invalid, Value: null"),
    ({"Value": "v"}, "The Tag Key provided is invalid, Key: null"),
    ({"Key": "k", "Value": "100%"}, "The Tag Value provided is invalid, Value: 100%"),
    ({"Key": "🔑", "Value": ""}, "The Tag Key provided is invalid, Key: 🔑"),
    ({"Key": "AWS:x", "Value": ""}, "Tag Key cannot be prefixed with aws:, Key: AWS:x"),
])
def test_bad_tags_change_nothing(raw, db, arn, tag, text):
    with invalid(text):
        raw.call("TagResource", ResourceArn=arn, Tags=[{"Key": "good", "Value": "v"}, tag])
    assert tags_of(db, arn) == {}


@pytest.mark.parametrize("key,value", [("k" * 128, "v" * 256), ("sp ace", "a b+c-d=e.f_g:h/i@j"), ("ключ", "表"), ("myaws:foo", "")])
def test_tags_at_their_bounds(db, arn, key, value):
    db.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value}])
    expect(db, arn, {key: value})


def test_fifty_tags_of_one_table(db, arn):
    tag(db, arn, **{f"k{i}": "" for i in range(50)})
    wait_for("the tags", lambda: len(tags_of(db, arn)) == 50)
    with invalid(TOO_MANY):
        tag(db, arn, more="")
    tag(db, arn, k7="again")
    wait_for("the change", lambda: tags_of(db, arn)["k7"] == "again")
    with invalid(TOO_MANY):
        db.untag_resource(ResourceArn=arn, TagKeys=[f"k{i}" for i in range(51)])


def test_nothing_to_change(raw, arn):
    with invalid("Atleast one Tag needs to be provided as Input."):
        raw.call("TagResource", ResourceArn=arn, Tags=[])
    with invalid("Atleast one Tag Key needs to be provided as Input."):
        raw.call("UntagResource", ResourceArn=arn, TagKeys=[])
    with invalid("1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null"):
        raw.call("TagResource", ResourceArn=arn)
    with invalid("1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"):
        raw.call("UntagResource", ResourceArn=arn)
    with invalid(match="1 validation error detected: Value null at 'resourceArn'"):
        raw.call("ListTagsOfResource")


def test_a_token_is_not_looked_at(db, arn):
    assert db.list_tags_of_resource(ResourceArn=arn, NextToken="nonsense")["Tags"] == []


def each(db, arn):
    yield lambda: db.list_tags_of_resource(ResourceArn=arn)
    yield lambda: db.tag_resource(ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    yield lambda: db.untag_resource(ResourceArn=arn, TagKeys=["k"])


def test_arns(db, table):
    arn = table["TableArn"]
    account = arn.split(":")[4]
    region = arn.split(":")[3]
    other_region = "us-east-1" if region != "us-east-1" else "us-west-2"
    wrong = "One or more parameter values were invalid: "
    missing = f"arn:aws:dynamodb:{region}:{account}:table/absent"
    cases = [
        (table["TableName"], "ValidationException", wrong + "ARNs must start with 'arn:': " + table["TableName"]),
        (arn + "/index/gsi", "ValidationException", wrong + "Invalid resource arn provided, only table or stream is accepted. "
                                                            f"Provided resource arn: {arn}/index/gsi"),
        (arn + "/backup/01234567890123-abcdef01", "ValidationException",
         wrong + f"Provided Arn is not a DynamoDB resource arn: {arn}/backup/01234567890123-abcdef01"),
        (arn.replace(region, other_region), "ValidationException",
         "Invalid TableArn: Invalid ResourceArn provided as input " + arn.replace(region, other_region)),
        (missing, "ResourceNotFoundException", f"Requested resource not found: ResourceArn: {missing} not found"),
    ]
    for text, code, message in cases:
        for call in each(db, text):
            with refused(code, message):
                call()
    for text in ("arn:aws:s3:::bucket", arn.replace(account, "210987654321")):
        for call in each(db, text):
            with refused("AccessDeniedException"):
                call()


def test_tags_go_with_the_table(db):
    name = unique("t")
    for tags in ([{"Key": "k", "Value": "v"}], []):
        arn = db.create_table(TableName=name, **schema("pk"), Tags=tags)["TableDescription"]["TableArn"]
        wait_active(db, name)
        expect(db, arn, {t["Key"]: t["Value"] for t in tags})
        db.delete_table(TableName=name)
        wait_for("the table to go", lambda: name not in db.list_tables(ExclusiveStartTableName=name[:-1])["TableNames"])
