package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.action.Member;
import dsql.action.MemberType;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class MemberSqlTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a|(d #>> '{a}')",
        "customer,id|(d #>> '{customer,id}')",
        "items,0,10|(d #>> '{items,0,10}')",
        "a,-1,b|(((d #> '{a}') -> '-1') #>> '{b}')",
        "01|((d -> '01') #>> '{}')",
        "+1,-0|(((d -> '+1') -> '-0') #>> '{}')",
        "-|(d #>> '{-}')",
        "it's ? $1 --|(d #>> '{\"it''s ? $1 --\"}')",
        "a\"b\\|(d #>> E'{\"a\\\\\"b\\\\\\\\\"}')",
        "NULL|(d #>> '{\"NULL\"}')",
      })
  void aPathIsALiteral(String path, String sql) {
    assertEquals(sql, MemberSql.of("d", new Member(List.of(path.split(",")), MemberType.TEXT)));
  }

  @Test
  void blanksBeforeANumberDoNotMakeItAnIndex() {
    assertEquals("((d -> ' 1') #>> '{}')", MemberSql.of("d", member(" 1", MemberType.TEXT)));
  }

  @Test
  void theTypeIsACast() {
    assertEquals("((d #>> '{a}')::bigint)", MemberSql.of("d", member("a", MemberType.BIGINT)));
    assertEquals("((d #>> '{a}')::uuid)", MemberSql.of("d", member("a", MemberType.UUID)));
    assertEquals(
        "(regexp_replace((d #>> '{a}'), '^(?![0-9]{4}-[0-9]{2}-[0-9]{2}$)', 'x')::date)",
        MemberSql.of("d", member("a", MemberType.DATE)));
  }

  private static Member member(String name, MemberType type) {
    return new Member(List.of(name), type);
  }
}
