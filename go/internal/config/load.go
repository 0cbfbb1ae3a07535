package config

import (
	"fmt"
	"maps"
	"reflect"
	"runtime"

	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

// Argument is the value of an option on the command line.
type Argument struct {
	Value any
	// Spelling is the name by which the user gave the option.
	Spelling string
}

// Sources are what a configuration is made from.
type Sources struct {
	// Arguments are values from ParseText, by the key of the option.
	Arguments map[string]Argument
	// Environment looks up a variable. Nil is an empty environment.
	Environment func(string) (string, bool)
	// Section is nil if there is no file.
	Section *Section
}

// Load merges the sources and checks the result. As in Scaler, an overridden value is not even parsed. The error is an
// Errors with all faults.
func Load(sources Sources) (*Config, error) {
	c := &Config{values: map[string]any{}, origins: map[string]Origin{}}
	var faults Errors
	for i := range table {
		o := &table[i]
		if o.Action {
			continue
		}
		value, origin, err := sources.find(o)
		if err != nil {
			faults = append(faults, &Error{Origin: origin, Key: o.Key, Reason: err.Error(), Status: exitstatus.Usage})
			value = o.Default
		}
		c.values[o.Key], c.origins[o.Key] = value, origin
	}
	c.compute()
	faults = append(faults, c.checkEach()...)
	if len(faults) == 0 {
		// These compare values, so each must be valid by itself.
		if err := c.checkTogether(); err != nil {
			faults = Errors{err}
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	if err := c.fill(); err != nil {
		return nil, Errors{{Reason: err.Error(), Status: exitstatus.Failed}}
	}
	return c, nil
}

// find returns the value from the source with the highest precedence.
func (s *Sources) find(o *Option) (any, Origin, error) {
	if argument, ok := s.Arguments[o.Key]; ok {
		return argument.Value, Origin{Source: FromCommandLine, Name: argument.Spelling}, nil
	}
	if o.Environment != "" && s.Environment != nil {
		if text, ok := s.Environment(o.Environment); ok && text != "" {
			value, err := o.ParseText(text)
			return value, Origin{Source: FromEnvironment, Name: o.Environment}, err
		}
	}
	if s.Section != nil {
		if entry, ok := s.Section.entries[o.Key]; ok {
			value, err := o.parseAny(entry.value)
			return value, Origin{Source: FromFile, Name: s.Section.File, Line: entry.line}, err
		}
	}
	return o.Default, Origin{}, nil
}

// compute replaces defaults that depend on the machine or on other values.
func (c *Config) compute() {
	settled := maps.Clone(c.values)
	for key, value := range c.values {
		if compute, ok := value.(func(map[string]any) any); ok {
			c.values[key] = compute(settled)
		}
	}
}

// checkEach checks the values one by one.
func (c *Config) checkEach() (faults Errors) {
	for i := range table {
		o := &table[i]
		value := c.values[o.Key]
		if value == nil {
			continue
		}
		if err := o.check(value); err != nil {
			faults = append(faults, c.invalid(o.Key, err.Error()))
		} else if o.LinuxOnly && runtime.GOOS != "linux" && !reflect.DeepEqual(value, o.Default) {
			faults = append(faults, c.invalid(o.Key, "is available on Linux only"))
		}
	}
	if !c.Given("scheduler_address") && c.origins["scheduler_address"].Source == FromDefault {
		faults = append(faults, &Error{Key: "scheduler_address", Reason: "is required", Status: exitstatus.Usage})
	}
	return faults
}

func (c *Config) checkTogether() *Error {
	for _, key := range []string{"worker_memory_limit", "recycle_processor_memory"} {
		if limit := c.values[key].(int64); limit != 0 && limit < size.Smallest {
			smallest := size.Format(size.Smallest)
			return c.invalid(key, fmt.Sprintf("must be 0 or at least %s, got %d bytes", smallest, limit))
		}
	}
	switch {
	case c.Given("tls_cert") && !c.Given("tls_key"):
		return c.invalid("tls_cert", "requires tls_key")
	case c.Given("tls_key") && !c.Given("tls_cert"):
		return c.invalid("tls_key", "requires tls_cert")
	case c.Given("http_tls_cert") && !c.Given("http_tls_key"):
		return c.invalid("http_tls_cert", "requires http_tls_key")
	case c.Given("http_tls_key") && !c.Given("http_tls_cert"):
		return c.invalid("http_tls_key", "requires http_tls_cert")
	case c.values["mode"] == "fixed" && c.values["max_task_concurrency"].(int64) < 0:
		return c.invalid("max_task_concurrency", "must be at least 0 in fixed mode")
	case c.values["mode"] != "fixed" && c.Given("restart"):
		return c.invalid("restart", "requires fixed mode; dynamic mode replaces workers while the scheduler wants them")
	}
	return c.checkHTTP()
}

// checkHTTP refuses an address that would be open to the network by mistake.
func (c *Config) checkHTTP() *Error {
	at, given := c.values["http_address"].(Endpoint)
	if !given {
		for _, key := range []string{"http_token", "http_tls_cert"} {
			if c.Given(key) {
				return c.invalid(key, "requires http_address")
			}
		}
		return nil
	}
	if !at.Loopback() && !c.Given("http_token") && !c.Given("http_tls_cert") {
		return c.invalid("http_address", at.String()+" is reachable from other machines: set http_token, or "+
			"http_tls_cert and http_tls_key")
	}
	return nil
}

func (c *Config) invalid(key, reason string) *Error {
	return &Error{Origin: c.origins[key], Key: key, Reason: reason, Status: exitstatus.Failed}
}
