package network

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The object ids of PostgreSQL's types that become something else than a
// string. They never change: they are part of its protocol.
const (
	oidBool, oidBytea, oidInt8, oidInt2, oidInt4, oidOID = 16, 17, 20, 21, 23, 26
	oidJSON, oidJSONB, oidFloat4, oidFloat8              = 114, 3802, 700, 701
	oidTimestamp, oidTimestampTZ                         = 1114, 1184
)

// arrayElement returns the type of an array's elements, 0 where oid is that of
// no known array. An array of anything else (an enum, say) stays a string:
// the server does not tell that it is an array.
func arrayElement(oid uint32) uint32 {
	switch oid {
	case 1000:
		return oidBool
	case 1001:
		return oidBytea
	case 1005:
		return oidInt2
	case 1007:
		return oidInt4
	case 1016:
		return oidInt8
	case 1028:
		return oidOID
	case 1021:
		return oidFloat4
	case 1022:
		return oidFloat8
	case 199:
		return oidJSON
	case 3807:
		return oidJSONB
	case 1115:
		return oidTimestamp
	case 1185:
		return oidTimestampTZ
	case 1002, 1003, 1009, 1014, 1015, 1040, 1041, 1182, 1183, 1187, 1231, 1270, 2951, 651:
		// char, name, text, bpchar, varchar, macaddr, inet, date, time,
		// interval, numeric, timetz, uuid, cidr
		return 25
	}
	return 0
}

// postgresValue turns a value's text into what a Result holds. A text that is
// not as expected stays a string.
func postgresValue(oid uint32, text string) any {
	switch oid {
	case oidBool:
		return text == "t"
	case oidInt2, oidInt4, oidInt8, oidOID:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n <= maxSafe && n >= -maxSafe {
			return n
		}
	case oidFloat4, oidFloat8:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	case oidBytea:
		if bytes, err := hex.DecodeString(strings.TrimPrefix(text, `\x`)); err == nil {
			return bytes
		}
	case oidJSON, oidJSONB:
		return JSON(text)
	case oidTimestamp:
		// A timestamp without time zone is taken for local time, as node-pg
		// does, and a Date parameter is written as such.
		if t, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", text, time.Local); err == nil {
			return t
		}
	case oidTimestampTZ:
		for _, zone := range []string{"Z07", "Z07:00", "Z07:00:00"} {
			if t, err := time.Parse("2006-01-02 15:04:05.999999999"+zone, text); err == nil {
				return t
			}
		}
	default:
		if element := arrayElement(oid); element != 0 {
			if array, err := parseArray(text, element); err == nil {
				return array
			}
		}
	}
	return text
}

var errArray = errors.New("malformed array")

// parseArray parses the text of an array: {1,NULL,"a \"b\"",{2}}, with the
// bounds before it where they do not begin at 1: [0:1]={1,2}.
func parseArray(text string, element uint32) ([]any, error) {
	if strings.HasPrefix(text, "[") {
		_, after, found := strings.Cut(text, "=")
		if !found {
			return nil, errArray
		}
		text = after
	}
	p := arrayParser{text: text, element: element}
	array, err := p.array()
	if err != nil || p.at != len(text) {
		return nil, errArray
	}
	return array, nil
}

type arrayParser struct {
	text    string
	at      int
	element uint32
}

func (p *arrayParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *arrayParser) array() ([]any, error) {
	if p.peek() != '{' {
		return nil, errArray
	}
	p.at++
	array := []any{}
	if p.peek() == '}' {
		p.at++
		return array, nil
	}
	for {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		array = append(array, value)
		end := p.peek()
		p.at++
		switch end {
		case ',':
		case '}':
			return array, nil
		default:
			return nil, errArray
		}
	}
}

func (p *arrayParser) value() (any, error) {
	switch p.peek() {
	case '{':
		return p.array()
	case '"':
		text, err := p.quoted()
		return postgresValue(p.element, text), err
	}
	length := strings.IndexAny(p.text[p.at:], ",}")
	if length <= 0 {
		return nil, errArray
	}
	text := p.text[p.at : p.at+length]
	p.at += length
	if strings.EqualFold(text, "null") {
		return nil, nil
	}
	return postgresValue(p.element, text), nil
}

func (p *arrayParser) quoted() (string, error) {
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case '"':
			p.at++
			return b.String(), nil
		case '\\':
			p.at++
			b.WriteByte(p.peek())
		default:
			b.WriteByte(c)
		}
	}
	return "", errArray
}

// postgresParams turns parameters into text, and bytes into themselves.
func postgresParams(params []any) (values [][]byte, formats []int16, err error) {
	const asText, asBinary = 0, 1
	for i, param := range params {
		format := int16(asText)
		var value []byte
		switch param := param.(type) {
		case nil:
		case []byte:
			value, format = param, asBinary
			if value == nil {
				value = []byte{}
			}
		case []any:
			text, err := arrayText(param)
			if err != nil {
				return nil, nil, mistakef("parameter $%d: %v", i+1, err)
			}
			value = []byte(text)
		default:
			text, err := paramText(param)
			if err != nil {
				return nil, nil, mistakef("parameter $%d: %v", i+1, err)
			}
			value = []byte(text)
		}
		values, formats = append(values, value), append(formats, format)
	}
	return values, formats, nil
}

func paramText(param any) (string, error) {
	switch param := param.(type) {
	case bool:
		return strconv.FormatBool(param), nil
	case int64:
		return strconv.FormatInt(param, 10), nil
	case float64:
		return strconv.FormatFloat(param, 'g', -1, 64), nil
	case string:
		if strings.ContainsRune(param, 0) {
			return "", errors.New("PostgreSQL text cannot contain the character U+0000")
		}
		return param, nil
	case JSON:
		return string(param), nil
	case []byte:
		return `\x` + hex.EncodeToString(param), nil
	case time.Time:
		return param.Local().Format("2006-01-02T15:04:05.999999999-07:00"), nil
	}
	return "", fmt.Errorf("unknown type %T", param)
}

func arrayText(array []any) (string, error) {
	parts := make([]string, len(array))
	for i, element := range array {
		var err error
		switch element := element.(type) {
		case nil:
			parts[i] = "NULL"
		case []any:
			parts[i], err = arrayText(element)
		default:
			parts[i], err = paramText(element)
			parts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(parts[i]) + `"`
		}
		if err != nil {
			return "", err
		}
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}
